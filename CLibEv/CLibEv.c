#include "CLibEv.h"
