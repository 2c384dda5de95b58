"""A process that answers each line that it gets with the seconds of one piece of work; both sides of a comparison."""
import statistics
import subprocess
import sys
import time


def answer(work):
    """What such a process does."""
    for _ in sys.stdin:
        begin = time.perf_counter()
        work()
        print(f"{time.perf_counter() - begin:.9f}", flush=True)


class Worker:
    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment)

    def work(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds = self.process.stdout.readline()
        if not seconds:
            sys.exit(f"{self.process.args} ended without an answer")
        return float(seconds)

    def close(self):
        self.process.stdin.close()
        self.last_words = self.process.stdout.read()  # what it says when no more work comes
        self.process.wait()


def take_turns(sides, repeats, warm_up=3, turn=0.2):
    """The seconds of each turn of each side, after `warm_up` pieces of work; short work is done several times a turn."""
    for side in sides.values():
        for _ in range(warm_up):
            side.work()
    seconds = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            pieces = [side.work()]
            while sum(pieces) < turn:
                pieces.append(side.work())
            seconds[name].append(statistics.mean(pieces))
    for side in sides.values():
        side.close()
    return seconds
