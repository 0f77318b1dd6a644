"""PyTorch's depthwise 1xK convolution, timed on request.

Reads one JSON object a line on standard input and answers each with one on standard output:
  {"batch", "channels", "height", "width", "kernel", "layout": "nhwc" | "nchw", "stride",
   "device": "cpu" | "cuda", "threads", "sets"}
                             -> {"job": its number, from 0}
  {"job": n, "runs": count}  -> {"microseconds": mean time of so many runs of that job}
Inputs are random and taken in turn from `sets` buffers, as on our side; jobs of one shape share them. No gradients are
recorded.
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


def inputs(shape, layout, sets, device):
    form = torch.channels_last if layout == "nhwc" else torch.contiguous_format
    key = (shape, layout, sets, device)
    if key not in buffers:
        buffers.clear()  # a new shape: what was timed before is done with
        buffers[key] = [torch.randn(shape, device=device).to(memory_format=form) for _ in range(sets)]
    return buffers[key]


def setup(job):
    device = job["device"]
    torch.set_grad_enabled(False)
    if device == "cpu":
        torch.set_num_threads(job["threads"])
    else:
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = False
    kernel, channels = job["kernel"], job["channels"]
    images = inputs((job["batch"], channels, job["height"], job["width"]), job["layout"], job["sets"], device)
    weight = torch.randn(channels, 1, 1, kernel, device=device)
    bias = torch.randn(channels, device=device)
    padding = (0, kernel // 2)
    stride = job["stride"]
    conv2d = torch.nn.functional.conv2d
    run = lambda i: conv2d(images[i % len(images)], weight, bias, stride=stride, padding=padding, groups=channels)
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
