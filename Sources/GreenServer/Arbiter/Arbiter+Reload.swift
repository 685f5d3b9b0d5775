import Green
import Logging

extension Arbiter {
  /// Looks for the program and the settings of a generation to come.
  func prepare(_ generation: Int) {
    do {
      let reading = SettingsReading.current
      let fresh = try reading?.read()
      var configuration = configuration
      if let reading, let fresh { configuration = configuration.renewed(by: fresh, insteadOf: reading.first) }
      configuration.setEnvironment()
      programs[generation]?.close()
      coming = nil
      programs[generation] = try WorkerProgram.onDisk(configuration, fresh: fresh)
      _ = try configuration.security()
      try configuration.openLogsForWorkers()
      if configuration.bind != self.configuration.bind {
        logger.warning("The addresses stay as they are until the server is started again")
      }
      coming = (generation, configuration)
      hearForkServer()
    } catch {
      coming = nil
      tell(.prepareFailed(reason: "\(error)"))
    }
  }

  /// Goes on with a reload whose application has been loaded, which takes as long as it takes. Where no process loads it for all
  /// workers, that is at once.
  func hearForkServer() {
    guard let (generation, configuration) = coming else { return }
    do throws(ForkServerGone) {
      if let forkServer = programs[generation]?.forkServer, try forkServer.hear() == nil { return }
      call("on_reload", hooks.renewing) { try $0(configuration) }
      call("on_reload", hooks.reloading) { try $0() }
      tell(.prepared(configuration.limits))
      coming = nil
    } catch {
      coming = nil
      tell(.prepareFailed(reason: "\(error)"))
    }
  }
}

extension Configuration {
  /// What the master keeps to.
  var limits: WorkerLifecycle.Limits {
    WorkerLifecycle.Limits(
      workers: self.workers, timeout: self.timeout.wholeNanoseconds,
      gracefulTimeout: self.gracefulTimeout.wholeNanoseconds, bootTimeout: self.bootTimeout.wholeNanoseconds,
      maxAge: self.maxWorkerAge.wholeNanoseconds, cutTime: 1_000_000_000)
  }
}
