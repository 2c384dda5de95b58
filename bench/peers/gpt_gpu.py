"""Times PyTorch and gptnas on the same GPT on one GPU, turn by turn, and prints the ratios.

python3 gpt_gpu.py --programs FOLDER [--repeats N] [--json FILE] [--works NAME...] [--without MODE...]
"""
import argparse
import json
import os
import statistics
import sys

from worker import Worker, answer, take_turns

SIZES = {
    "A": dict(vocabulary=64, context=64, width=128, layers=4, heads=4),
    "C": dict(vocabulary=256, context=256, width=512, layers=8, heads=8),
}
# name: kind, size, precision, sequences, modes of PyTorch. "graph" is a CUDA graph of the whole eager step; "compile" is
# torch.compile with reduce-overhead, "autotune" with max-autotune, which tunes for minutes.
WORKS = {
    "train-A-fp32": ("train", "A", "fp32", 64, ("eager", "graph")),
    "train-A-tf32": ("train", "A", "tf32", 64, ("eager", "graph")),
    "train-C-bf16": ("train", "C", "bf16", 64, ("eager", "compile", "autotune")),
    "sample-A": ("sample", "A", "fp32", 4096, ("eager", "graph")),
}


def trainer(mode, size, precision, sequences):
    import torch
    import torch_gpt
    from torch.nn import functional

    model = torch_gpt.Gpt(**size).cuda()
    optimizer = torch_gpt.optimizer(model, capturable=mode == "graph")
    data = torch.randint(size["vocabulary"], (sequences, size["context"] + 1), device="cuda")
    tokens, targets = data[:, :-1].contiguous(), data[:, 1:].reshape(-1)
    positions = torch.arange(size["context"], device="cuda")

    def loss_of():
        with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16"):
            logits = model(tokens, positions)
        return functional.cross_entropy(logits.float().reshape(-1, size["vocabulary"]), targets)

    compiled = {"compile": "reduce-overhead", "autotune": "max-autotune"}
    forward = torch.compile(loss_of, mode=compiled[mode]) if mode in compiled else loss_of

    def step():
        optimizer.zero_grad(set_to_none=mode != "graph")
        loss = forward()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    if mode != "graph":
        return lambda: step().item()
    graph, loss = captured(step)

    def work():
        graph.replay()
        loss.item()
    return work


def sampler(mode, size, sequences):
    """The mask lets through 16 or 15 tokens, as position 4 i + 3 of the genome of gpt_gpu_worker has fifteen choices."""
    import torch
    import torch_gpt

    model = torch_gpt.Gpt(**size).cuda()
    cache = torch_gpt.caches(size, sequences, "cuda")
    positions = torch.arange(size["context"], device="cuda")
    choice = torch.arange(size["vocabulary"], device="cuda") // 16
    allowed = torch.stack([choice == position % 4 for position in range(size["context"])])
    drawn = torch.zeros(sequences, size["context"], dtype=torch.long, device="cuda")

    @torch.inference_mode()
    def draw():
        tokens = torch.zeros(sequences, 1, dtype=torch.long, device="cuda")
        for position in range(size["context"]):
            attends = [torch_gpt.attend_to_cache(each, position) for each in cache]
            logits = model(tokens, positions[position : position + 1], attends)[:, 0]
            probabilities = torch.softmax(logits.masked_fill(~allowed[position], -torch.inf), dim=-1)
            # As gpt-fast draws: torch.multinomial would wait for the device.
            tokens = (probabilities / torch.empty_like(probabilities).exponential_(1)).argmax(-1, keepdim=True)
            drawn[:, position] = tokens[:, 0]

    if mode == "graph":  # of all tokens, so that each has its own length of the cache
        graph, _ = captured(draw)
        return lambda: (graph.replay(), drawn.cpu())
    return lambda: (draw(), drawn.cpu())


def captured(work):
    """A CUDA graph of some work, and what it returned."""
    import torch

    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = work()
    return graph, result


def peer(mode, kind, size, precision, sequences):
    import torch

    torch.manual_seed(1)
    torch.set_float32_matmul_precision("highest" if precision == "fp32" else "high")
    answer(trainer(mode, SIZES[size], precision, sequences) if kind == "train"
           else sampler(mode, SIZES[size], sequences))


def operations(kind, size, sequences):
    """Floating-point operations of the products."""
    size = SIZES[size]
    width, context = size["width"], size["context"]
    token = size["layers"] * (24 * width * width + 2 * context * width) + 2 * width * size["vocabulary"]
    return sequences * context * token * (3 if kind == "train" else 1)


def product_rate(size, sequences):
    """Operations a second of bf16 products in the shapes of a forward pass."""
    import torch

    width, rows = SIZES[size]["width"], sequences * SIZES[size]["context"]
    shapes = [(width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)]
    factors = [(torch.randn(rows, inner, device="cuda", dtype=torch.bfloat16),
                torch.randn(inner, columns, device="cuda", dtype=torch.bfloat16)) for inner, columns in shapes]
    milliseconds = []
    for _ in range(20):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(10):
            for a, b in factors:
                a @ b
        end.record()
        torch.cuda.synchronize()
        milliseconds.append(begin.elapsed_time(end) / 10)
    return sum(2 * rows * a * b for a, b in shapes) / (statistics.median(milliseconds) / 1000)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="the folder of gpt_gpu_worker")
    parser.add_argument("--repeats", type=int, default=9, help="turns of each side (default: %(default)s)")
    parser.add_argument("--works", nargs="+", choices=WORKS, default=list(WORKS), help="default: all")
    parser.add_argument("--without", nargs="+", default=[], metavar="MODE", help="modes of PyTorch to leave out")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()

    import torch

    rate = product_rate("C", 64)
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, {options.repeats} turns each; milliseconds,"
          f" medians; in brackets how many times as fast gptnas is\nbf16 products of C: {rate / 1e12:.0f} TFLOP/s\n")
    rows = []
    for name in options.works:
        kind, size, precision, sequences, modes = WORKS[name]
        modes = [mode for mode in modes if mode not in options.without]
        arguments = [kind, size, precision, str(sequences)]
        sides = {mode: Worker([sys.executable, os.path.abspath(__file__), "peer", mode, *arguments]) for mode in modes}
        sides["gptnas"] = Worker([f"{options.programs}/gpt_gpu_worker", *arguments])
        seconds = take_turns(sides, options.repeats, warm_up=5)
        medians = {side: statistics.median(each) for side, each in seconds.items()}
        of_rate = operations(kind, size, sequences) / medians["gptnas"] / rate
        rows.append(dict(name=name, seconds=seconds, medians=medians, of_bf16_rate=of_rate))
        peers = ", ".join(f"{mode} {1000 * medians[mode]:.2f} ({medians[mode] / medians['gptnas']:.2f})" for mode in modes)
        print(f"{name:14} {peers}, gptnas {1000 * medians['gptnas']:.2f}"
              + (f", {of_rate:.0%} of the bf16 rate" if precision == "bf16" else ""), flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(dict(device=torch.cuda.get_device_name(), torch=torch.__version__, bf16_rate=rate, works=rows),
                      file, indent=1)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "peer":
        peer(*sys.argv[2:6], int(sys.argv[6]))
    else:
        main()
