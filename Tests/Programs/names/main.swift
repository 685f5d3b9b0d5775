import CaseSupport

// What the C library says is what the resolver says. Each case runs in namespaces of its own: with its own /etc, its own
// network, and a name server on the port on which the C library looks for one. Tests start the program so; started by
// hand it must be under `unshare --user --map-root-user --mount --net`.

runCases(fileCases + serverCases + sourceCases + orderCases + nameCases + threadCases + arrivalCases)
