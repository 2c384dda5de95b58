"""Times PyTorch and gptnas on the same GPT, turn by turn, and prints the ratios.

python3 gpt.py --programs FOLDER [--repeats N] [--json FILE]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

from worker import Worker, answer, take_turns

SIZES = {
    "A": dict(vocabulary=64, context=64, width=128, layers=4, heads=4),
    "B": dict(vocabulary=128, context=128, width=256, layers=6, heads=8),
}
WORKS = [  # kind, size, sequences, threads
    ("train", "A", 64, 1),
    ("train", "A", 64, 2),
    ("train", "B", 32, 2),
    ("sample", "A", 1, 1),
    ("sample", "A", 64, 2),
]
ENVIRONMENT = {  # without these the allocator gives memory back at each step and PyTorch loses up to 45 %
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    "MALLOC_TOP_PAD_": "268435456",
}


def peer(mode, kind, size, sequences, threads):
    """The side of PyTorch: answers each line with the seconds of one piece of work."""
    import torch
    import torch_gpt
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = torch_gpt.Gpt(**SIZES[size])
    context, vocabulary = SIZES[size]["context"], SIZES[size]["vocabulary"]
    positions = torch.arange(context)
    if kind == "train":
        optimizer = torch_gpt.optimizer(model)
        data = torch.randint(vocabulary, (sequences, context + 1))
        forward = torch.compile(model) if mode == "compile" else model

        def work():
            logits = forward(data[:, :-1], positions)
            loss = functional.cross_entropy(logits.reshape(-1, vocabulary), data[:, 1:].reshape(-1))
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            loss.item()
    else:
        caches = torch_gpt.caches(SIZES[size], sequences)

        @torch.inference_mode()
        def work():
            tokens = torch.zeros(sequences, 1, dtype=torch.long)
            for position in range(context):
                attends = [torch_gpt.attend_to_cache(cache, position) for cache in caches]
                logits = model(tokens, positions[position : position + 1], attends)
                tokens = torch.multinomial(functional.softmax(logits[:, 0], dim=-1), 1)

    answer(work)


def operations(kind, size):
    """Floating-point operations a token, of the products alone; attention as if each position saw the whole context."""
    shape = SIZES[size]
    width, context = shape["width"], shape["context"]
    forward = shape["layers"] * (24 * width * width + 4 * context * width) + 2 * width * shape["vocabulary"]
    return forward * (3 if kind == "train" else 1)


def pinned(command, cores):
    """A worker with as many cores as threads."""
    environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    environment.update(ENVIRONMENT, OMP_NUM_THREADS=str(cores))
    return Worker(["taskset", "-c", ",".join(map(str, range(cores))), *command], environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="the folder of gpt_worker and roofline")
    parser.add_argument("--repeats", type=int, default=9, help="turns of each side (default: %(default)s)")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()

    import torch

    print(f"PyTorch {torch.__version__}, {options.repeats} turns each; thousand tokens a second, medians;"
          " in brackets the ratio to eager, and to compile, and the part of the peak")
    peaks = {}
    for threads in (1, 2):
        measured = subprocess.run([f"{options.programs}/roofline", str(threads)], capture_output=True, text=True,
                                  check=True)
        peaks[threads], bandwidth = map(float, measured.stdout.split())
        print(f"peak with {threads} thread{'s' if threads > 1 else ''}: {peaks[threads]:.0f} GFLOP/s in float,"
              f" {bandwidth:.0f} GB/s from memory")
    print(f"\n{'work':32} {'eager':>14} {'compile':>14} {'gptnas, Eigen':>24} {'gptnas, oneDNN':>24}", flush=True)
    rows = []
    for kind, size, sequences, threads in WORKS:
        arguments = [kind, size, str(sequences), str(threads)]
        sides = {mode: pinned([sys.executable, os.path.abspath(__file__), "peer", mode, *arguments], threads)
                 for mode in (("eager", "compile") if kind == "train" else ("eager",))}
        for product in ("eigen", "onednn"):
            sides[product] = pinned([f"{options.programs}/gpt_worker", product, *arguments], threads)
        seconds = take_turns(sides, options.repeats)
        speed = {name: sequences * SIZES[size]["context"] / statistics.median(each) / 1000
                 for name, each in seconds.items()}
        of_peak = {name: each * 1000 * operations(kind, size) / (peaks[threads] * 1e9) for name, each in speed.items()}
        row = dict(kind=kind, size=size, sequences=sequences, threads=threads, thousand_tokens_a_second=speed,
                   of_peak=of_peak, seconds=seconds)
        rows.append(row)
        label = f"{kind} {size}, {sequences} sequences, {threads} thread{'s' if threads > 1 else ''}"
        peers = [speed[mode] for mode in ("eager", "compile") if mode in speed]
        cells = [f"{speed[mode]:.1f} ({of_peak[mode]:.0%})".rjust(14) if mode in speed else " " * 14
                 for mode in ("eager", "compile")]
        for product in ("eigen", "onednn"):
            ratios = ", ".join(f"{speed[product] / each:.2f}" for each in peers)
            cells.append(f"{speed[product]:.1f} ({ratios}, {of_peak[product]:.0%})".rjust(24))
        print(f"{label:32} {' '.join(cells)}", flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(dict(torch=torch.__version__, peak_gflops=peaks, memory_gigabytes_a_second=bandwidth,
                           works=rows), file, indent=1)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "peer":
        peer(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), int(sys.argv[6]))
    else:
        main()
