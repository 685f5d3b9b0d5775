// Before Python's own choice of features, with which types of glibc would differ from those that Swift has seen.
#include <features.h>

#include <python3.11/Python.h>
