import Greenfinch
import NotesApp

try makeApp().run()  // reads the command line: -w 2 -k green --bind 127.0.0.1:8000
