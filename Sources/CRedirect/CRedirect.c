#include "CRedirect.h"
