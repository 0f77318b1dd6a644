"""The paper's ConvNeXt models in plain PyTorch operations, timed on request.

Reads one JSON object a line on standard input and answers each with one on standard output:
  {"depths": [4], "weights": file, "batch", "height", "width", "device": "cpu" | "cuda", "threads" of a CPU, "tf32": bool,
   "gelu": "exact" | "tanh", "compile": bool}  -> {"model": its number, from 0}, or {"failed": why} where a GPU's memory is short
  {"model": n, "runs": count}  -> {"microseconds": mean time of one batch, "bytes": most memory held by tensors, 0 on a CPU}
  {"model": n, "input": file}  -> {"logits": [numbers]} of a batch of raw float32 images [N,3,H,W]
  {"forget": true}             -> {"forgotten": how many models are no more}

PyTorch has no oriented convolution. What it does have is a depthwise convolution with a dense kernel, so that each direction
has its weights laid out in the smallest box that holds its taps, once, before anything is timed. Products, LayerNorm and
GELU are PyTorch's own. What else a network is made of, its weights tell.
"""

import json
import math
import signal
import sys
import time

# Ctrl-C at the terminal is for our parent, and we end with the pipes to it: in both cases without a traceback.
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import numpy
import torch
import torch.nn.functional as F

EPSILON = 1e-6
models = []


def tensors_of(path, device):
    """A safetensors file: a length, a header in JSON, numbers; only float32 is written for us."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    found = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        numbers = numpy.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
        found[name] = torch.from_numpy(numbers.copy()).to(device)
    return found


def taps(kernel, theta):
    """Offsets of the taps, by float32 arithmetic with truncation toward zero (paper, section 3.2)."""
    sin, cos = numpy.float32(math.sin(theta)), numpy.float32(math.cos(theta))
    steps = numpy.arange(kernel, dtype=numpy.float32) - numpy.float32(kernel // 2)
    return numpy.trunc(-sin * steps).astype(int), numpy.trunc(cos * steps).astype(int)


class Oriented(torch.nn.Module):
    """A depthwise convolution whose channels point in directions: one dense depthwise convolution a direction."""

    def __init__(self, weight, bias, theta, stride, resid):
        super().__init__()
        weight, theta = weight.reshape(weight.shape[0], -1), theta.reshape(-1).cpu().numpy()
        self.stride, self.parts = stride, []
        edges = [0] + [i for i in range(1, len(theta)) if theta[i] != theta[i - 1]] + [len(theta)]
        for begin, end in zip(edges, edges[1:]):
            kernel = self.dense(weight[begin:end], *taps(weight.shape[1], theta[begin]), resid)
            self.parts.append((begin, end, kernel, bias[begin:end].clone()))

    @staticmethod
    def dense(weight, dy, dx, resid):
        tall, wide = abs(dy).max(), abs(dx).max()
        kernel = torch.zeros(len(weight), 1, 2 * tall + 1, 2 * wide + 1, device=weight.device)
        for k, (y, x) in enumerate(zip(dy, dx)):
            kernel[:, 0, y + tall, x + wide] += weight[:, k]
        if resid:
            kernel[:, 0, tall, wide] += 1
        return kernel

    def forward(self, x):
        outputs = []
        for begin, end, kernel, bias in self.parts:
            padding = [side // 2 for side in kernel.shape[2:]]
            outputs.append(F.conv2d(x[:, begin:end], kernel, bias, self.stride, padding, groups=end - begin))
        return torch.cat(outputs, 1)


def norm_rows(x, scale, shift):
    return F.layer_norm(x, (x.shape[-1],), scale, shift, EPSILON)


def norm_map(x, scale, shift):
    return norm_rows(x.permute(0, 2, 3, 1), scale, shift).permute(0, 3, 1, 2)


class Network(torch.nn.Module):
    def __init__(self, depths, tensors, gelu):
        super().__init__()
        self.t, self.depths = tensors, depths
        self.gelu = torch.nn.GELU(approximate={"exact": "none", "tanh": "tanh"}[gelu])
        self.oriented = {
            name[: -len(".theta")]: Oriented(
                tensors[name.replace("theta", "weight")],
                tensors[name.replace("theta", "bias")],
                theta,
                2 if name.startswith("downsample_layers") else 1,
                name.endswith("dwconv2.theta"),
            )
            for name, theta in tensors.items()
            if name.endswith(".theta")
        }

    def pair(self, name):
        return self.t[f"{name}.weight"], self.t[f"{name}.bias"]

    def depthwise(self, x, name):
        if name in self.oriented:
            return self.oriented[name](x)
        weight, bias = self.pair(name)
        return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2, groups=len(weight))

    def pointwise(self, x, name):
        """A linear layer on the channels of a map."""
        return F.linear(x.permute(0, 2, 3, 1), *self.pair(name)).permute(0, 3, 1, 2)

    def stem(self, x):
        at = "downsample_layers.0"
        if f"{at}.pw1.weight" not in self.t:
            return norm_map(F.conv2d(x, *self.pair(f"{at}.0"), stride=4), *self.pair(f"{at}.1"))
        x = self.pointwise(x, f"{at}.pw1")
        for i in (1, 2):
            x = self.gelu(norm_map(self.depthwise(x, f"{at}.dw{i}"), *self.pair(f"{at}.norm{i}")))
        return norm_map(self.pointwise(x, f"{at}.pw2"), *self.pair(f"{at}.norm3"))

    def block(self, x, at):
        two = f"{at}.dwconv2.weight" in self.t
        y = self.depthwise(x, f"{at}.dwconv1" if two else f"{at}.dwconv").permute(0, 2, 3, 1)
        y = self.gelu(F.linear(norm_rows(y, *self.pair(f"{at}.norm")), *self.pair(f"{at}.pwconv1")))
        if two:
            y = self.depthwise(y.permute(0, 3, 1, 2), f"{at}.dwconv2").permute(0, 2, 3, 1)
        y = self.t[f"{at}.gamma"] * F.linear(y, *self.pair(f"{at}.pwconv2"))
        return x + y.permute(0, 3, 1, 2)

    def forward(self, x):
        x = self.stem(x)
        for stage, depth in enumerate(self.depths):
            if stage > 0:
                at = f"downsample_layers.{stage}"
                x = F.conv2d(norm_map(x, *self.pair(f"{at}.0")), *self.pair(f"{at}.1"), stride=2)
            for block in range(depth):
                x = self.block(x, f"stages.{stage}.{block}")
        return F.linear(norm_rows(x.mean([2, 3]), *self.pair("norm")), *self.pair("head"))


def setup(job):
    device = job["device"]
    torch.set_grad_enabled(False)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = job["tf32"]
    torch.backends.cudnn.benchmark = True
    if device == "cpu":
        torch.set_num_threads(job["threads"])
    network = Network(job["depths"], tensors_of(job["weights"], device), job["gelu"])
    run = torch.compile(network, mode="max-autotune-no-cudagraphs") if job["compile"] else network
    images = torch.randn(job["batch"], 3, job["height"], job["width"], device=device)
    run(images)  # compiles, and fails here if it fails
    return run, images, device


def timed(run, images, device, runs):
    if device == "cpu":
        start = time.perf_counter()
        for _ in range(runs):
            run(images)
        return (time.perf_counter() - start) / runs * 1e6, 0
    torch.cuda.reset_peak_memory_stats()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(runs):
        run(images)
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / runs * 1e6, torch.cuda.max_memory_allocated()


def answer(request):
    if "forget" in request:
        known = sum(model is not None for model in models)
        models[:] = [None] * len(models)  # numbers go on
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return {"forgotten": known}
    if "model" not in request:
        try:
            models.append(setup(request))
        except Exception as error:  # memory is short, or what torch.compile needs is not there
            return {"failed": (str(error).splitlines() or [type(error).__name__])[0]}
        return {"model": len(models) - 1}
    run, images, device = models[request["model"]]
    if "input" in request:
        numbers = torch.from_numpy(numpy.fromfile(request["input"], dtype="<f4").reshape(images.shape))
        logits = run(numbers.to(device)).flatten().tolist()
        return {"logits": [value if math.isfinite(value) else None for value in logits]}
    time_of_one, held = timed(run, images, device, request["runs"])
    return {"microseconds": time_of_one, "bytes": held}


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
