"""PyTorch's depthwise 1xK and Kx1 convolutions, their gradients and steps of training, timed on request.

Reads one JSON object a line on standard input and answers each with one on standard output:
  {"op": "fprop" | "dgrad" | "wgrad" | "backward" | "step" | "full", "batch", "channels", "height", "width", "kernel",
   "layout": "nhwc" | "nchw", "stride", "device": "cpu" | "cuda", "threads", "sets"}
                             -> {"job": its number, from 0}
  {"job": n, "runs": count}  -> {"microseconds": mean time of so many runs of that job}
  {"forget": true}           -> {"forgotten": how many jobs are no more}
A job may also say "axis": "vertical" for Kx1, "square": true for KxK, "benchmark": false for cudnn.benchmark off, and
"compile": true for torch.compile. Images and gradients are random and taken in turn from `sets` buffers, as on our side;
jobs of one shape share them. Of an operation autograd records nothing: gradients are what it calls itself,
convolution_backward, asked for the input's (dgrad), for the weights' and the bias's (wgrad), or for all three at once
(backward). A step is forward, mean and backward by autograd, of an input that takes no gradient (step) or one (full), and
its time is the wall clock's.
"""

import itertools
import json
import signal
import sys
import time

# Ctrl-C at the terminal is for our parent, and we end with the pipes to it: in both cases without a traceback.
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import torch

jobs = []
buffers = {}


def random_sets(count, shape, layout, device):
    form = torch.channels_last if layout == "nhwc" else torch.contiguous_format
    return [torch.randn(shape, device=device).to(memory_format=form) for _ in range(count)]


def read_by(job):
    """Images x, and for the gradients of operations dy, in as many buffers as the job has sets."""
    images = (job["batch"], job["channels"], job["height"], job["width"])
    key = (images, job["stride"], job["layout"], job["sets"], job["device"])
    if key not in buffers:
        buffers.clear()  # a new shape: what was timed before is done with
        buffers[key] = {}
    found, where = buffers[key], (job["layout"], job["device"])
    if "x" not in found:
        found["x"] = random_sets(job["sets"], images, *where)
    if job["op"] in MASKS and "dy" not in found:
        written = images[:2] + tuple(-(-size // job["stride"]) for size in images[2:])
        found["dy"] = random_sets(job["sets"], written, *where)
    return found["x"], found.get("dy")


# Of convolution_backward: which of the gradients of input, weight and bias it computes.
MASKS = {"dgrad": [True, False, False], "wgrad": [False, True, True], "backward": [True, True, True]}
STEPS = ("step", "full")


def setup(job):
    device = job["device"]
    torch.set_grad_enabled(False)
    if device == "cpu":
        torch.set_num_threads(job["threads"])
    else:
        torch.backends.cudnn.benchmark = job.get("benchmark", True)
        torch.backends.cudnn.allow_tf32 = False
    op, channels = job["op"], job["channels"]
    x, dy = read_by(job)
    turns = itertools.cycle(range(len(x)))
    length, vertical, square = job["kernel"], job.get("axis") == "vertical", job.get("square", False)
    sides = [length if vertical or square else 1, 1 if vertical else length]
    weight = torch.randn(channels, 1, *sides, device=device)
    stride = [job["stride"]] * 2
    padding = [side // 2 for side in sides]
    if op in MASKS:
        backward = torch.ops.aten.convolution_backward
        how = ([channels], stride, padding, [1, 1], False, [0, 0], channels, MASKS[op])

        def run():
            i = next(turns)
            backward(dy[i], x[i], weight, *how)

        return run, TIMERS[device]
    bias = torch.randn(channels, device=device)
    how = {"stride": stride, "padding": padding, "groups": channels}
    conv2d = torch.nn.functional.conv2d
    compiled = torch.compile if job.get("compile") else lambda plain: plain
    if op == "fprop":
        forward = compiled(lambda image: conv2d(image, weight, bias, **how))
        return (lambda: forward(x[next(turns)])), TIMERS[device]
    return step(compiled(lambda *given: conv2d(*given, **how).mean()), (x, weight, bias), turns, op == "full"), WALL[device]


def step(loss, given, turns, full):
    """Forward, mean and backward; with `full` the input takes a gradient, too."""
    x, weight, bias = given
    parameters = [weight.requires_grad_(), bias.requires_grad_()]

    def run():
        image = x[next(turns)].detach()
        leaves = parameters + ([image.requires_grad_()] if full else [])
        for leaf in leaves:
            leaf.grad = None
        with torch.enable_grad():
            loss(image, weight, bias).backward()

    return run


def on_clock(run, runs):
    start = time.perf_counter()
    for _ in range(runs):
        run()
    return (time.perf_counter() - start) / runs * 1e6


def on_synchronized_clock(run, runs):
    def all_done(count):
        for _ in range(count):
            run()
        torch.cuda.synchronize()

    torch.cuda.synchronize()
    return on_clock(lambda: all_done(runs), 1) / runs


def on_cuda(run, runs):
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(runs):
        run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / runs * 1e3


TIMERS = {"cpu": on_clock, "cuda": on_cuda}
WALL = {"cpu": on_clock, "cuda": on_synchronized_clock}


def answer(request):
    if "forget" in request:
        known = sum(job is not None for job in jobs)
        jobs[:] = [None] * len(jobs)  # numbers go on
        buffers.clear()
        return {"forgotten": known}
    if "runs" in request:
        run, timer = jobs[request["job"]]
        return {"microseconds": timer(run, request["runs"])}
    jobs.append(setup(request))
    return {"job": len(jobs) - 1}


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
