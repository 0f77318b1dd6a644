"""PyTorch's depthwise 1xK convolution and its gradients, timed on request.

Reads one JSON object a line on standard input and answers each with one on standard output:
  {"op": "fprop" | "dgrad" | "wgrad" | "backward", "batch", "channels", "height", "width", "kernel",
   "layout": "nhwc" | "nchw", "stride", "device": "cpu" | "cuda", "threads", "sets"}
                             -> {"job": its number, from 0}
  {"job": n, "runs": count}  -> {"microseconds": mean time of so many runs of that job}
Images and gradients are random and taken in turn from `sets` buffers, as on our side; jobs of one shape share them.
Autograd records nothing: gradients are what it calls itself, convolution_backward, asked for the input's (dgrad), for the
weights' and the bias's (wgrad), or for all three at once (backward).
"""

import json
import signal
import sys
import time

# Ctrl-C at the terminal is for our parent, and we end with the pipes to it: in both cases without a traceback.
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import torch

buffers = {}


def random_sets(count, shape, layout, device):
    form = torch.channels_last if layout == "nhwc" else torch.contiguous_format
    return [torch.randn(shape, device=device).to(memory_format=form) for _ in range(count)]


def read_by(job):
    """Images x, and for gradients dy, in as many buffers as the job has sets."""
    images = (job["batch"], job["channels"], job["height"], job["width"])
    key = (job["op"], images, job["stride"], job["layout"], job["sets"], job["device"])
    if key not in buffers:
        buffers.clear()  # a new shape: what was timed before is done with
        where = (job["layout"], job["device"])
        written = images[:2] + tuple(-(-size // job["stride"]) for size in images[2:])
        x = random_sets(job["sets"], images, *where)
        dy = [] if job["op"] == "fprop" else random_sets(job["sets"], written, *where)
        buffers[key] = x, dy
    return buffers[key]


# Of convolution_backward: which of the gradients of input, weight and bias it computes.
MASKS = {"dgrad": [True, False, False], "wgrad": [False, True, True], "backward": [True, True, True]}


def setup(job):
    device = job["device"]
    torch.set_grad_enabled(False)
    if device == "cpu":
        torch.set_num_threads(job["threads"])
    else:
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = False
    op, kernel, channels = job["op"], job["kernel"], job["channels"]
    x, dy = read_by(job)
    sets = len(x)
    weight = torch.randn(channels, 1, 1, kernel, device=device)
    stride, padding = [job["stride"]] * 2, [0, kernel // 2]
    if op == "fprop":
        bias = torch.randn(channels, device=device)
        conv2d = torch.nn.functional.conv2d
        run = lambda i: conv2d(x[i % sets], weight, bias, stride=stride, padding=padding, groups=channels)
    else:
        backward = torch.ops.aten.convolution_backward
        how = ([channels], stride, padding, [1, 1], False, [0, 0], channels, MASKS[op])
        run = lambda i: backward(dy[i % sets], x[i % sets], weight, *how)
    return run, TIMERS[device]


def on_cpu(run, runs):
    start = time.perf_counter()
    for i in range(runs):
        run(i)
    return (time.perf_counter() - start) / runs * 1e6


def on_cuda(run, runs):
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for i in range(runs):
        run(i)
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / runs * 1e3


TIMERS = {"cpu": on_cpu, "cuda": on_cuda}


def main():
    jobs = []
    for line in sys.stdin:
        request = json.loads(line)
        if "runs" in request:
            run, timer = jobs[request["job"]]
            answer = {"microseconds": timer(run, request["runs"])}
        else:
            jobs.append(setup(request))
            answer = {"job": len(jobs) - 1}
        print(json.dumps(answer), flush=True)


main()
