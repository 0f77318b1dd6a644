"""PyTorch's depthwise convolution along a row or a column, timed on request.

Reads one JSON object a line on standard input and answers each with one on standard output:
  {"batch", "channels", "height", "width", "kernel", "layout": "nhwc" | "nchw", "vertical": bool, "threads", "sets"}
                       -> {"ready": true}
  {"runs": n}          -> {"microseconds": mean time of n runs}
Inputs are random and taken in turn from `sets` buffers, as on our side. No gradients are recorded.
"""

import json
import sys
import time

import torch


def setup(job):
    torch.set_num_threads(job["threads"])
    torch.set_grad_enabled(False)
    kernel, channels = job["kernel"], job["channels"]
    form = torch.channels_last if job["layout"] == "nhwc" else torch.contiguous_format
    shape = (job["batch"], channels, job["height"], job["width"])
    inputs = [torch.randn(shape).to(memory_format=form) for _ in range(job["sets"])]
    window, padding = ((kernel, 1), (kernel // 2, 0)) if job["vertical"] else ((1, kernel), (0, kernel // 2))
    weight = torch.randn(channels, 1, *window)
    bias = torch.randn(channels)
    return lambda i: torch.nn.functional.conv2d(inputs[i % len(inputs)], weight, bias, padding=padding, groups=channels)


def main():
    run = None
    done = 0
    for line in sys.stdin:
        job = json.loads(line)
        if "runs" in job:
            start = time.perf_counter()
            for _ in range(job["runs"]):
                run(done)
                done += 1
            answer = {"microseconds": (time.perf_counter() - start) / job["runs"] * 1e6}
        else:
            run = setup(job)
            run(0)
            answer = {"ready": True}
        print(json.dumps(answer), flush=True)


main()
