"""PyTorch's depthwise 1xK convolution, timed on request.

Reads one JSON object a line on standard input and answers each with one on standard output:
  {"batch", "channels", "height", "width", "kernel", "layout": "nhwc" | "nchw", "threads", "sets"}
                             -> {"job": its number, from 0}
  {"job": n, "runs": count}  -> {"microseconds": mean time of so many runs of that job}
Inputs are random and taken in turn from `sets` buffers, as on our side; jobs of one shape share them. No gradients are
recorded.
"""

import json
import sys
import time

import torch

buffers = {}


def inputs(shape, layout, sets):
    form = torch.channels_last if layout == "nhwc" else torch.contiguous_format
    key = (shape, layout, sets)
    if key not in buffers:
        buffers[key] = [torch.randn(shape).to(memory_format=form) for _ in range(sets)]
    return buffers[key]


def setup(job):
    torch.set_num_threads(job["threads"])
    torch.set_grad_enabled(False)
    kernel, channels = job["kernel"], job["channels"]
    images = inputs((job["batch"], channels, job["height"], job["width"]), job["layout"], job["sets"])
    weight = torch.randn(channels, 1, 1, kernel)
    bias = torch.randn(channels)
    padding = (0, kernel // 2)
    return lambda i: torch.nn.functional.conv2d(images[i % len(images)], weight, bias, padding=padding, groups=channels)


def main():
    jobs = []
    done = 0
    for line in sys.stdin:
        request = json.loads(line)
        if "runs" in request:
            run = jobs[request["job"]]
            start = time.perf_counter()
            for _ in range(request["runs"]):
                run(done)
                done += 1
            answer = {"microseconds": (time.perf_counter() - start) / request["runs"] * 1e6}
        else:
            jobs.append(setup(request))
            answer = {"job": len(jobs) - 1}
        print(json.dumps(answer), flush=True)


main()
