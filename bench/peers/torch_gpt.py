"""The GPT of the comparisons, in PyTorch."""
import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.mlp_c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, attend):
        batch, length, width = x.shape
        qkv = self.c_attn(self.ln_1(x)).view(batch, length, 3, self.heads, width // self.heads)
        y = attend(*(each.transpose(1, 2) for each in qkv.unbind(2)))  # (B,H,T,D)
        x = x + self.c_proj(y.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp_c_proj(functional.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, vocabulary, context, width, layers, heads):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.h = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)

    def forward(self, tokens, positions, attends=None):
        """attends: what each layer does with queries, keys and values; None is causal attention."""
        x = self.wte(tokens) + self.wpe(positions)
        for layer, block in enumerate(self.h):
            x = block(x, causal if attends is None else attends[layer])
        return functional.linear(self.ln_f(x), self.wte.weight)


def causal(query, key, value):
    return functional.scaled_dot_product_attention(query, key, value, is_causal=True)


def caches(size, sequences, device=None):
    """Keys and values of each layer, (sequences, heads, context, head width)."""
    shape = (sequences, size["heads"], size["context"], size["width"] // size["heads"])
    return [tuple(torch.zeros(shape, device=device) for _ in range(2)) for _ in range(size["layers"])]


def attend_to_cache(cache, position):
    """Attention of one token to those before it, which are in the cache."""
    def attend(query, key, value):
        keys, values = cache
        keys[:, :, position], values[:, :, position] = key[:, :, 0], value[:, :, 0]
        return functional.scaled_dot_product_attention(query, keys[:, :, : position + 1], values[:, :, : position + 1])
    return attend


def optimizer(model, **options):
    """AdamW with the settings of gptnas: decay on matrices alone."""
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}],
                             lr=1e-3, betas=(0.9, 0.99), fused=True, **options)
