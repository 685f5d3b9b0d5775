import Greenfinch
