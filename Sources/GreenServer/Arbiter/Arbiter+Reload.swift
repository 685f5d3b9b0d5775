import Green
import Logging

extension Arbiter {
  /// Looks for the program and the settings of a generation to come.
  func prepare(_ generation: Int) {
    do {
      let fresh = try Configuration.readAgain()
      let settings = fresh.map(InheritedSettings.text) ?? WorkerProgram.running.settings
      programs[generation] = try WorkerProgram.onDisk(settings: settings)
      let configuration = fresh ?? configuration
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
      gracefulTimeout: self.gracefulTimeout.wholeNanoseconds)
  }
}
