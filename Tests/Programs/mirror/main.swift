import GreenTLS
import Greenfinch
import RequestCorpus

// Answers every request with what it saw of it: for the corpus of requests.

var own = Configuration()
own.tls = .openSSL
PreforkServer.run(Mirror(), configuration: .fromCommandLine(own))
