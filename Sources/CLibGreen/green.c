// The header is the module; its functions are written in Swift, in GreenC.
#include "green.h"
