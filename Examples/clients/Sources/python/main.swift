import CPython
import Connections
import Greenfinch

// CPython in the process, unmodified. Each request calls a Python function, with a Python thread state of its fiber's own.
//
// BACKEND_URL=http://127.0.0.1:8080/ swift run python -k green --worker-connections 200

let source = """
  import itertools, os, socket, threading, time, urllib.request

  numbers = itertools.count()
  local = threading.local()

  def sleep():
      local.number = number = next(numbers)
      time.sleep(0.5)
      assert local.number == number, "the thread-local is another fiber's"
      return "done"

  def page():
      local.number = number = next(numbers)
      with urllib.request.urlopen(os.environ["BACKEND_URL"]) as answer:
          text = answer.read().decode()
      assert local.number == number, "the thread-local is another fiber's"
      return text
  """

/// Calls a function of the program above.
func call(_ name: String) throws -> String {
  let state = PyGILState_Ensure()
  defer { PyGILState_Release(state) }
  let function = PyObject_GetAttrString(PyImport_AddModule("__main__"), name)
  defer { Py_DecRef(function) }
  let result = PyObject_CallNoArgs(function)
  defer { Py_DecRef(result) }
  guard let result, let text = PyUnicode_AsUTF8(result) else {
    PyErr_Print()
    throw ConnectionError("\(name)() failed")
  }
  return String(cString: text)
}

// Python recurses in C; only the pages that are touched take memory.
Settings.stackSize.value = 1 << 20
let app = App()

app.onWorkerStart {
  // Python finds its thread state by a pthread key, which shall be a fiber's and not a thread's.
  Redirect.keysPerFiber { Py_InitializeEx(0) }
  guard PyRun_SimpleStringFlags(source, nil) == 0 else { throw ConnectionError("the Python program failed") }
  // Lets go of the interpreter, for those who ask for it.
  PyEval_SaveThread()
}
app.get("/sleep") { _ in try call("sleep") }
app.get("/page") { _ in try call("page") }

app.run()
