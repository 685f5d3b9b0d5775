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
      programs[generation] = try WorkerProgram.onDisk(configuration, fresh: fresh)
      _ = try configuration.security()
      try configuration.openLogsForWorkers()
      if configuration.bind != self.configuration.bind {
        logger.warning("The addresses stay as they are until the server is started again")
      }
      tell(.prepared(configuration.limits))
    } catch {
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
