"""Writes gpt_NAME.txt, what PyTorch computes for small GPTs in double precision: python tests/reference/gpt.py

Each line of a file is one tensor: its name and its values. The parameters are short decimals, so that the file says
them exactly. The last lines are by how much PyTorch's own results in other precisions differ from that, relative in the
Euclidean norm: of the logits, of all gradients together, and of the ten losses; by PyTorch 2.15 on an x86-64 processor.

fp32   single precision.
tf32   the same, but the factors of products with weights are rounded to 11 bits of significand, as tensor cores do,
       forward and backward; attention stays in single precision.
bf16   torch.autocast: products and attention in bf16, all else and the weights that learn in single precision.
"""

import contextlib
import math
import pathlib
import typing

import torch
import torch.nn.functional as F


class Size(typing.NamedTuple):
    vocabulary: int
    context: int
    width: int
    layers: int
    heads: int
    gradient_limit: float  # that some of the ten steps exceed


SIZES = {"small": Size(11, 9, 12, 2, 3, 2.5), "shallow": Size(5, 17, 16, 1, 1, 2.5),
         "deep": Size(23, 6, 8, 3, 4, 1.2)}
IGNORED = -100


def initial_parameters(size):
    """The names and shapes of GPT-2, in its order; larger numbers than its own, so that nothing is nearly linear."""
    width = size.width
    shapes = {"wte.weight": (size.vocabulary, width), "wpe.weight": (size.context, width)}
    for layer in range(size.layers):
        prefix = f"h.{layer}."
        shapes |= {prefix + "ln_1.weight": (width,), prefix + "ln_1.bias": (width,),
                   prefix + "attn.c_attn.weight": (width, 3 * width), prefix + "attn.c_attn.bias": (3 * width,),
                   prefix + "attn.c_proj.weight": (width, width), prefix + "attn.c_proj.bias": (width,),
                   prefix + "ln_2.weight": (width,), prefix + "ln_2.bias": (width,),
                   prefix + "mlp.c_fc.weight": (width, 4 * width), prefix + "mlp.c_fc.bias": (4 * width,),
                   prefix + "mlp.c_proj.weight": (4 * width, width), prefix + "mlp.c_proj.bias": (width,)}
    shapes |= {"ln_f.weight": (width,), "ln_f.bias": (width,)}
    parameters = {}
    for name, shape in shapes.items():
        values = 0.3 * torch.randn(shape)
        if "ln_" in name and name.endswith("weight"):
            values += 1
        parameters[name] = values.double().round(decimals=4).requires_grad_()
    return parameters


class Tf32Product(torch.autograd.Function):
    """a (...,K) b (K,M), of factors that are rounded to 11 bits of significand, of two numbers away from zero."""

    @staticmethod
    def rounded(x):
        return ((x.contiguous().view(torch.int32) + 0x1000) & ~0x1FFF).view(torch.float32)

    @staticmethod
    def forward(context, a, b):
        a, b = Tf32Product.rounded(a), Tf32Product.rounded(b)
        context.save_for_backward(a, b)
        return a @ b

    @staticmethod
    def backward(context, gradient):
        a, b = context.saved_tensors
        gradient = Tf32Product.rounded(gradient)
        return gradient @ b.T, a.flatten(0, -2).T @ gradient.flatten(0, -2)


class Precision(typing.NamedTuple):
    type: torch.dtype
    product: typing.Callable = torch.matmul
    context: typing.Callable = contextlib.nullcontext


DOUBLE = Precision(torch.float64)
PRECISIONS = {"fp32": Precision(torch.float32), "tf32": Precision(torch.float32, Tf32Product.apply),
              "bf16": Precision(torch.float32, context=lambda: torch.autocast("cpu", torch.bfloat16))}


def forward(size, parameters, tokens, product=torch.matmul):
    """tokens (B,T) -> logits (B,T,V)"""
    def norm(x, name):
        return F.layer_norm(x, (size.width,), parameters[name + ".weight"], parameters[name + ".bias"], 1e-5)

    def linear(x, name):
        return product(x, parameters[name + ".weight"]) + parameters[name + ".bias"]

    batch, time = tokens.shape
    x = parameters["wte.weight"][tokens] + parameters["wpe.weight"][:time]
    for layer in range(size.layers):
        prefix = f"h.{layer}."
        qkv = linear(norm(x, prefix + "ln_1"), prefix + "attn.c_attn")
        query, key, value = (part.view(batch, time, size.heads, size.width // size.heads).transpose(1, 2)
                             for part in qkv.split(size.width, dim=2))
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + linear(attended.transpose(1, 2).reshape(batch, time, size.width), prefix + "attn.c_proj")
        hidden = F.gelu(linear(norm(x, prefix + "ln_2"), prefix + "mlp.c_fc"), approximate="tanh")
        x = x + linear(hidden, prefix + "mlp.c_proj")
    return product(norm(x, "ln_f"), parameters["wte.weight"].T)


class Run(typing.NamedTuple):
    logits: torch.Tensor
    gradients: dict
    losses: torch.Tensor
    norms: list


def train(size, initial, tokens, targets, precision):
    """Logits and gradients of the first one of ten steps, the losses and the norms of the gradients of all."""
    parameters = {name: p.detach().to(precision.type, copy=True).requires_grad_() for name, p in initial.items()}
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in parameters.values() if p.dim() >= 2], "weight_decay": 0.1},
         {"params": [p for p in parameters.values() if p.dim() < 2], "weight_decay": 0.0}],
        lr=0.01, betas=(0.9, 0.95), eps=1e-8)
    losses, norms = [], []
    for step in range(10):
        optimizer.zero_grad()
        with precision.context():
            logits = forward(size, parameters, tokens, precision.product)
        loss = F.cross_entropy(logits.to(precision.type).flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            first_logits = logits.detach()
            gradients = {name: p.grad.clone() for name, p in parameters.items()}
        norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), size.gradient_limit).item())
        optimizer.step()
    return Run(first_logits, gradients, torch.tensor(losses, dtype=torch.float64), norms)


def reference(size):
    """The lines of a file."""
    torch.manual_seed(1)
    lengths = [size.context + 1, 2, 7, 5]
    sequences = [torch.randint(size.vocabulary, (length,)) for length in lengths]
    tokens = torch.zeros(len(lengths), size.context, dtype=torch.long)
    targets = torch.full((len(lengths), size.context), IGNORED)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence) - 1] = sequence[:-1]
        targets[row, : len(sequence) - 1] = sequence[1:]
    targets[2, 3] = IGNORED  # the test does the same
    inside = torch.cat([torch.arange(size.context) < length - 1 for length in lengths])

    lines = []

    def record(name, values):
        values = torch.as_tensor(values, dtype=torch.float64).detach().flatten().tolist()
        lines.append(name + " " + " ".join(f"{value:.17g}" for value in values))

    parameters = initial_parameters(size)
    for row, sequence in enumerate(sequences):
        record(f"sequence.{row}", sequence)
    for name, parameter in parameters.items():
        lines.append(f"parameter.{name} " + " ".join(f"{value:.4f}" for value in parameter.flatten().tolist()))

    run = train(size, parameters, tokens, targets, DOUBLE)
    record("logits", run.logits.flatten(0, 1)[inside])
    record("loss", run.losses[0])
    for name, gradient in run.gradients.items():
        record(f"gradient.{name}", gradient)
    assert min(run.norms) < size.gradient_limit < max(run.norms) and math.isfinite(run.losses[-1]), run.norms
    record("gradient_limit", size.gradient_limit)
    record("losses", run.losses)

    def together(gradients):
        return torch.cat([gradient.flatten() for gradient in gradients.values()])

    for name, precision in PRECISIONS.items():
        other = train(size, parameters, tokens, targets, precision)
        for what, expected, actual in (("logits", run.logits.flatten(0, 1)[inside], other.logits.flatten(0, 1)[inside]),
                                       ("gradients", together(run.gradients), together(other.gradients)),
                                       ("losses", run.losses, other.losses)):
            error = (actual.double() - expected).norm() / expected.norm()
            lines.append(f"error.{name}.{what} {error.item():.3g}")
    return lines


def main():
    for name, size in SIZES.items():
        path = pathlib.Path(__file__).parent / f"gpt_{name}.txt"
        path.write_text("\n".join(reference(size)) + "\n")


if __name__ == "__main__":
    main()
