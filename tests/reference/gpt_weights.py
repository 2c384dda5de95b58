"""Weights of a GPT between PyTorch and the library.

python tests/reference/gpt_weights.py         writes gpt.safetensors: the parameters in gpt_small.txt, as transformers saves them
python tests/reference/gpt_weights.py FOLDER  compares what PyTorch and, where it is there, transformers compute from
                                              FOLDER/model.safetensors with FOLDER/logits.txt; says what was compared,
                                              fails if they differ, and ends with 77 if PyTorch or safetensors is missing
"""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True  # the tests leave the sources as they are
try:
    import safetensors.torch
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

import gpt

TOLERANCE = 1e-5


def read_lines(path):
    """name -> values"""
    lines = (line.split() for line in path.read_text().splitlines())
    return {name: torch.tensor([float(value) for value in values], dtype=torch.float64) for name, *values in lines}


def config(sizes):
    """name -> size, as in the metadata of a file"""
    import transformers
    sizes = {name: int(value) for name, value in sizes.items() if name != "format"}
    return transformers.GPT2Config(bos_token_id=None, eos_token_id=None, **sizes)


def export(folder):
    import transformers
    size = gpt.SIZES["small"]
    lines = read_lines(folder / "gpt_small.txt")
    model = transformers.GPT2LMHeadModel(config(dict(
        vocab_size=size.vocabulary, n_positions=size.context, n_embd=size.width, n_layer=size.layers,
        n_head=size.heads)))
    model = model.double().eval()
    with torch.no_grad():
        for name, parameter in model.transformer.named_parameters():
            parameter.copy_(lines[f"parameter.{name}"].view_as(parameter))
    worst, row = 0, 0
    for i in range(4):
        tokens = lines[f"sequence.{i}"].long()[None, :-1]
        expected = lines["logits"].view(-1, size.vocabulary)[row:][:tokens.numel()]
        worst = max(worst, (model(tokens).logits[0] - expected).abs().max().item())
        row += tokens.numel()
    assert worst < 1e-12, worst
    with tempfile.TemporaryDirectory() as saved:
        model.float().save_pretrained(saved)
        (folder / "gpt.safetensors").write_bytes((pathlib.Path(saved) / "model.safetensors").read_bytes())


def compare(folder):
    path = folder / "model.safetensors"
    lines = read_lines(folder / "logits.txt")
    tokens = lines["tokens"].long()[None]
    failed = False

    def check(who, logits):
        nonlocal failed
        worst = (logits.detach().double().flatten() - lines["logits"]).abs().max().item()
        print(f"{who}: the logits differ by {worst:.2g}; expected at most {TOLERANCE}")
        failed = failed or not worst <= TOLERANCE

    prefix = "transformer."
    tensors = safetensors.torch.load_file(path)
    assert all(name.startswith(prefix) for name in tensors), sorted(tensors)
    check("torch", gpt.forward(gpt.SIZES["small"], {name[len(prefix):]: tensor for name, tensor in tensors.items()}, tokens))

    try:
        import transformers
    except ImportError as error:
        print(f"transformers: skipped: {error}")
        sys.exit(failed)
    with safetensors.safe_open(path, "pt") as file:
        sizes = config(file.metadata())
    sizes.save_pretrained(folder)
    model, loading = transformers.GPT2LMHeadModel.from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values()), loading
    check("transformers", model.eval()(tokens).logits)
    model = transformers.GPT2LMHeadModel(sizes)
    safetensors.torch.load_model(model, path)
    check("safetensors.torch.load_model", model.eval()(tokens).logits)
    sys.exit(failed)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        compare(pathlib.Path(sys.argv[1]))
    else:
        export(pathlib.Path(__file__).parent)
