"""Writes gpt.txt, what PyTorch computes for a small GPT in double precision: python tests/reference/gpt.py

Each line of the file is one tensor: its name and its values. The parameters are short decimals, so that the file says
them exactly.
"""

import math
import pathlib

import torch
import torch.nn.functional as F

VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS = 11, 9, 12, 2, 3
IGNORED = -100


def initial_parameters():
    """The names and shapes of GPT-2, in its order; larger numbers than its own, so that nothing is nearly linear."""
    shapes = {"wte.weight": (VOCABULARY, WIDTH), "wpe.weight": (CONTEXT, WIDTH)}
    for layer in range(LAYERS):
        prefix = f"h.{layer}."
        shapes |= {prefix + "ln_1.weight": (WIDTH,), prefix + "ln_1.bias": (WIDTH,),
                   prefix + "attn.c_attn.weight": (WIDTH, 3 * WIDTH), prefix + "attn.c_attn.bias": (3 * WIDTH,),
                   prefix + "attn.c_proj.weight": (WIDTH, WIDTH), prefix + "attn.c_proj.bias": (WIDTH,),
                   prefix + "ln_2.weight": (WIDTH,), prefix + "ln_2.bias": (WIDTH,),
                   prefix + "mlp.c_fc.weight": (WIDTH, 4 * WIDTH), prefix + "mlp.c_fc.bias": (4 * WIDTH,),
                   prefix + "mlp.c_proj.weight": (4 * WIDTH, WIDTH), prefix + "mlp.c_proj.bias": (WIDTH,)}
    shapes |= {"ln_f.weight": (WIDTH,), "ln_f.bias": (WIDTH,)}
    parameters = {}
    for name, shape in shapes.items():
        values = 0.3 * torch.randn(shape)
        if "ln_" in name and name.endswith("weight"):
            values += 1
        parameters[name] = values.double().round(decimals=4).requires_grad_()
    return parameters


def forward(parameters, tokens):
    """tokens (B,T) -> logits (B,T,V)"""
    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), parameters[name + ".weight"], parameters[name + ".bias"], 1e-5)

    def linear(x, name):
        return x @ parameters[name + ".weight"] + parameters[name + ".bias"]

    batch, time = tokens.shape
    x = parameters["wte.weight"][tokens] + parameters["wpe.weight"][:time]
    for layer in range(LAYERS):
        prefix = f"h.{layer}."
        qkv = linear(norm(x, prefix + "ln_1"), prefix + "attn.c_attn")
        query, key, value = (part.view(batch, time, HEADS, WIDTH // HEADS).transpose(1, 2)
                             for part in qkv.split(WIDTH, dim=2))
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + linear(attended.transpose(1, 2).reshape(batch, time, WIDTH), prefix + "attn.c_proj")
        hidden = F.gelu(linear(norm(x, prefix + "ln_2"), prefix + "mlp.c_fc"), approximate="tanh")
        x = x + linear(hidden, prefix + "mlp.c_proj")
    return norm(x, "ln_f") @ parameters["wte.weight"].T


def main():
    torch.manual_seed(1)
    lengths = [CONTEXT + 1, 2, 7, 5]
    sequences = [torch.randint(VOCABULARY, (length,)) for length in lengths]
    tokens = torch.zeros(len(lengths), CONTEXT, dtype=torch.long)
    targets = torch.full((len(lengths), CONTEXT), IGNORED)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence) - 1] = sequence[:-1]
        targets[row, : len(sequence) - 1] = sequence[1:]
    targets[2, 3] = IGNORED  # the test does the same
    inside = torch.cat([torch.arange(CONTEXT) < length - 1 for length in lengths])

    lines = []

    def record(name, values):
        values = torch.as_tensor(values, dtype=torch.float64).detach().flatten().tolist()
        lines.append(name + " " + " ".join(f"{value:.17g}" for value in values))

    parameters = initial_parameters()
    for row, sequence in enumerate(sequences):
        record(f"sequence.{row}", sequence)
    for name, parameter in parameters.items():
        lines.append(f"parameter.{name} " + " ".join(f"{value:.4f}" for value in parameter.flatten().tolist()))

    optimizer = torch.optim.AdamW(
        [{"params": [p for p in parameters.values() if p.dim() >= 2], "weight_decay": 0.1},
         {"params": [p for p in parameters.values() if p.dim() < 2], "weight_decay": 0.0}],
        lr=0.01, betas=(0.9, 0.95), eps=1e-8)
    losses, norms = [], []
    for step in range(10):
        optimizer.zero_grad()
        logits = forward(parameters, tokens)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            record("logits", logits.flatten(0, 1)[inside])
            record("loss", loss)
            for name, parameter in parameters.items():
                record(f"gradient.{name}", parameter.grad)
        norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), 2.5).item())
        optimizer.step()
    assert min(norms) < 2.5 < max(norms) and math.isfinite(losses[-1]), norms
    record("losses", losses)
    (pathlib.Path(__file__).parent / "gpt.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
