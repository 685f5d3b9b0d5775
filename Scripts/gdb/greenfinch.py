"""Fibers in gdb: of a running process, or of a core.

    (gdb) source Scripts/gdb/greenfinch.py
    (gdb) green fibers          every fiber: its state, what it waits for, where it was spawned
    (gdb) green bt 7            the calls of fiber 7, or of one by its name: green bt GET /
    (gdb) green all bt          the calls of every fiber
    (gdb) green fiber 7         enter fiber 7: bt, up, down, frame and info locals are now about it
    (gdb) green fiber           back to the thread

Inside a fiber, frame 0 is still the thread's own, and the fiber's calls begin at frame 1. Nothing of the process is
changed, so it can go on at any time, and the fiber is left then. It needs the program's symbols, no debug information.

A core must be one that the kernel has written. gdb's own generate-core-file leaves out the memory beside the stacks'
guards, which is the stacks.
"""

import re
import shutil
import struct
import subprocess

import gdb
import gdb.unwinder

HUBS = 64
STATE_PARKED = "parked"


class Memory:
    """The memory of the process, in its own byte order (little, on both architectures)."""

    @staticmethod
    def read(address, size):
        return gdb.selected_inferior().read_memory(address, size).tobytes()

    @classmethod
    def word(cls, address):
        return struct.unpack("<Q", cls.read(address, 8))[0]

    @classmethod
    def text(cls, address, most=4096):
        if address == 0:
            return ""
        found = b""
        while len(found) < most and b"\0" not in found:
            try:
                found += cls.read(address + len(found), 16)
            except gdb.MemoryError:
                found += cls.read(address + len(found), 1)
        return found.split(b"\0")[0].decode(errors="replace")


class Layout:
    """The table greenfinch_debugger: CInspectDebugger.h says what is in it."""

    def __init__(self):
        try:
            address = int(gdb.parse_and_eval("(unsigned long)&greenfinch_debugger"))
        except gdb.error:
            raise gdb.GdbError("this program has no fibers, or no symbol table: greenfinch_debugger is not found")
        version, self.frame = struct.unpack("<II", Memory.read(address, 8))
        if version != 1:
            raise gdb.GdbError(
                "no hub has run yet" if version == 0 else f"this script knows version 1 of the table, not {version}")
        offsets = struct.unpack("<10I", Memory.read(address + 8, 40))
        (self.id, self.name, self.record, self.next, self.state, self.wait_kind, self.wait_detail, self.parent,
         self.site, self.first) = offsets
        states, kinds = struct.unpack("<QQ", Memory.read(address + 48, 16))
        self.states = Memory.text(states).split()
        self.wait_kinds = Memory.text(kinds).split()
        hubs = struct.unpack(f"<{2 * HUBS}Q", Memory.read(address + 64, 16 * HUBS))
        self.hubs = [(state, thread) for state, thread in zip(hubs[::2], hubs[1::2]) if state != 0]


class Fiber:
    def __init__(self, address, layout, thread):
        self.address, self.layout, self.thread = address, layout, thread
        record = address + layout.record
        self.id = Memory.word(address + layout.id)
        self.name = Memory.text(address + layout.name, 64)
        self.state = self.named(layout.states, record + layout.state)
        self.wait = self.named(layout.wait_kinds, record + layout.wait_kind)
        self.detail = Memory.word(record + layout.wait_detail)
        self.parent = Memory.word(record + layout.parent)
        self.file = Memory.text(Memory.word(record + layout.site))
        self.line = struct.unpack("<I", Memory.read(record + layout.site + 8, 4))[0]

    @staticmethod
    def named(names, address):
        number = Memory.read(address, 1)[0]
        return names[number] if number < len(names) else str(number)

    def __str__(self):
        text = f"fiber {self.id}"
        if self.name:
            text += f' "{self.name}"'
        text += f" {self.state}"
        if self.state == STATE_PARKED:
            text += f" ({self.waits_for()})"
        return text + f", spawned at {self.file}:{self.line}" + (f" by fiber {self.parent}" if self.parent else "")

    def waits_for(self):
        if self.wait in ("readable", "writable"):
            return f"{self.wait}: descriptor {self.detail}"
        if self.wait == "mutex":
            try:
                return f"mutex 0x{self.detail:x}, held by {self.holder(Memory.word(self.detail))}"
            except gdb.MemoryError:
                pass
        return f"{self.wait}: 0x{self.detail:x}" if self.detail > 1 else self.wait

    @staticmethod
    def holder(owner):
        """Who has a mutex, by its first word: see MutexCore.swift. A thread is named as `info threads` does."""
        if owner == 0:
            return "nobody"
        return f"thread 0x{owner & ~(1 << 63):x}" if owner >> 63 else f"fiber {owner}"

    def registers(self):
        """What the fiber goes on with, by gdb's names. See switch_assembly.c and switch_ucontext.c."""
        pointer = Memory.word(self.address)
        if pointer == 0:
            raise gdb.GdbError(f"fiber {self.id} has not given the thread back yet")
        if self.layout.frame == 1:
            words = struct.unpack("<7Q", Memory.read(pointer, 56))
            found = dict(zip(("r15", "r14", "r13", "r12", "rbx", "rbp", "rip"), words))
            found["rsp"] = pointer + 56
        elif self.layout.frame == 2:
            words = struct.unpack("<12Q", Memory.read(pointer, 96))
            names = ["x29", "pc"] + [f"x{number}" for number in range(19, 29)]
            found = dict(zip(names, words))
            found["sp"] = pointer + 160
        elif gdb.selected_inferior().architecture().name().startswith("aarch64"):
            # ucontext_t: uc_mcontext begins at 176 with fault_address, then x0 to x30, sp.
            words = struct.unpack("<32Q", Memory.read(pointer + 184, 256))
            found = {f"x{number}": words[number] for number in range(19, 30)}
            found["pc"], found["sp"] = words[30], words[31]
        else:
            # ucontext_t: uc_mcontext.gregs begins at 40.
            names = ("r8 r9 r10 r11 r12 r13 r14 r15 rdi rsi rbp rbx rdx rax rcx rsp rip").split()
            every = dict(zip(names, struct.unpack("<17Q", Memory.read(pointer + 40, 136))))
            found = {name: every[name] for name in "r12 r13 r14 r15 rbp rbx rsp rip".split()}
        return found


NO_STACKS = "the memory of the fibers' stacks is not there: the core was not written by the kernel, or not in full"


def all_fibers():
    layout = Layout()
    found = []
    try:
        for state, thread in layout.hubs:
            address = Memory.word(state + layout.first)
            while address != 0:
                found.append(Fiber(address, layout, thread))
                address = Memory.word(address + layout.record + layout.next)
    except gdb.MemoryError:
        raise gdb.GdbError(NO_STACKS)
    # No fiber has that number: gdb reads zeros where a core has a hole.
    if any(fiber.id == 0 for fiber in found):
        raise gdb.GdbError(NO_STACKS)
    return sorted(found, key=lambda fiber: fiber.id)


def fiber_by(text):
    """The fiber with this number, or else with this name."""
    text = text.strip()
    if not text:
        raise gdb.GdbError("which fiber? green fibers lists them")
    fibers = all_fibers()
    found = [fiber for fiber in fibers if str(fiber.id) == text] or [fiber for fiber in fibers if fiber.name == text]
    if not found:
        raise gdb.GdbError(f"there is no fiber {text}; green fibers lists them")
    if len(found) > 1:
        raise gdb.GdbError(f'several are called "{text}": fibers ' + ", ".join(str(fiber.id) for fiber in found))
    return found[0]


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class FiberUnwinder(gdb.unwinder.Unwinder):
    """Says that the thread's innermost frame was called by where the entered fiber is parked."""

    def __init__(self):
        super().__init__("greenfinch fibers")
        self.fiber = self.thread = None

    def __call__(self, pending_frame):
        if self.fiber is None or pending_frame.level() != 0 or gdb.selected_thread().ptid != self.thread:
            return None
        registers = self.fiber.registers()
        number = gdb.lookup_type("unsigned long")
        stack = registers.get("rsp", registers.get("sp"))
        pc = pending_frame.read_register("rip" if "rip" in registers else "pc")
        # Below the fiber's own frames, or gdb would take those for a corrupt stack.
        below = gdb.Value(stack - 512).cast(number)
        info = pending_frame.create_unwind_info(FrameId(below, pc))
        for name, value in registers.items():
            info.add_saved_register(name, gdb.Value(value).cast(number))
        return info

    def enter(self, fiber):
        if fiber is not None:
            fiber.registers()
            self.thread = gdb.selected_thread().ptid
        self.fiber = fiber
        gdb.invalidate_cached_frames()


unwinder = FiberUnwinder()
gdb.unwinder.register_unwinder(None, unwinder, replace=True)
# Where the process goes on, it goes on in the thread.
gdb.events.cont.connect(lambda event: unwinder.enter(None))


def demangled(text):
    """Swift's names, where Swift's demangler is installed."""
    tool = shutil.which("swift-demangle")
    if tool is None or "$s" not in text:
        return text
    try:
        return subprocess.run(
            [tool, "--compact", "--simplified"], input=text, capture_output=True, text=True, timeout=20).stdout or text
    except (OSError, subprocess.SubprocessError):
        return text


def calls(fiber):
    """The fiber's part of a backtrace."""
    if fiber.state == "running":
        return "it is running: see the backtrace of thread " + str(fiber.thread)
    before = unwinder.fiber
    try:
        unwinder.enter(fiber)
        text = gdb.execute("bt", to_string=True)
    except gdb.error as error:
        return str(error)
    finally:
        unwinder.enter(before)
    lines = text.splitlines()
    # The thread's own frame may take several lines.
    start = next((index for index, line in enumerate(lines) if re.match(r"#1\s", line)), len(lines))
    return demangled("\n".join(lines[start:]))


class Green(gdb.Command):
    """Fibers: green fibers, green bt ID, green all bt, green fiber [ID]."""

    def __init__(self):
        super().__init__("green", gdb.COMMAND_STACK, gdb.COMPLETE_NONE, True)


class GreenFibers(gdb.Command):
    """Lists every fiber: its state, what it waits for, where it was spawned."""

    def __init__(self):
        super().__init__("green fibers", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        threads = {}
        for fiber in all_fibers():
            threads.setdefault(fiber.thread, []).append(fiber)
        for thread, fibers in threads.items():
            print(f"hub of thread {thread}: {len(fibers)} fibers")
            for fiber in fibers:
                print(f"  {fiber}")


class GreenBacktrace(gdb.Command):
    """The calls of a fiber: green bt ID, or its name."""

    def __init__(self):
        super().__init__("green bt", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        fiber = fiber_by(argument)
        print(f"{fiber}\n{calls(fiber)}")


class GreenAll(gdb.Command):
    """The calls of every fiber: green all bt."""

    def __init__(self):
        super().__init__("green all", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        if argument.strip() not in ("bt", "backtrace", "where"):
            raise gdb.GdbError("green all bt")
        for fiber in all_fibers():
            print(f"{fiber}\n{calls(fiber)}\n")


class GreenFiber(gdb.Command):
    """Enters a fiber that does not run: green fiber ID, or its name. Without either, goes back to the thread."""

    def __init__(self):
        super().__init__("green fiber", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        if not argument.strip():
            unwinder.enter(None)
            return
        fiber = fiber_by(argument)
        if fiber.state == "running":
            raise gdb.GdbError(f"fiber {fiber.id} is running: it is the thread itself")
        unwinder.enter(fiber)
        print(f"{fiber}\nits calls begin at frame 1; green fiber alone goes back to the thread")


for command in (Green, GreenFibers, GreenBacktrace, GreenAll, GreenFiber):
    command()
