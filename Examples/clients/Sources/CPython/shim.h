#include <python3.11/Python.h>
