"""Times x [rows,inner] times weights [outer,inner] in PyTorch and in NumPy, on one thread: prints a JSON list of GFLOP/s.

Arguments: "rows,inner,outer" of each shape. Processor time, the 95th percentile of rates: as product_timer.cpp measures."""

import json
import sys
import time


def best(run, flops):
    times = []
    end = time.perf_counter() + 0.5
    while time.perf_counter() < end or len(times) < 20:
        start = time.thread_time()
        run()
        times.append(time.thread_time() - start)
    return flops / sorted(times)[len(times) // 20] / 1e9


def libraries():
    found = {}
    try:
        import torch

        torch.set_num_threads(1)
        torch.set_grad_enabled(False)

        def linear(x, w):
            a, b = torch.from_numpy(x).to_mkldnn(), torch.from_numpy(w).to_mkldnn()
            return lambda: torch._C._nn.mkldnn_linear(a, b)

        found[f"oneDNN of torch {torch.__version__}"] = linear
    except ImportError:
        pass
    import numpy

    found[f"numpy {numpy.__version__}"] = lambda x, w: lambda: x @ w.T
    return found


def main():
    import numpy

    shapes = [tuple(map(int, shape.split(","))) for shape in sys.argv[1:]]
    random = numpy.random.default_rng(1)
    result = []
    for rows, inner, outer in shapes:
        x = random.random((rows, inner), dtype=numpy.float32)
        w = random.random((outer, inner), dtype=numpy.float32)
        rates = {name: best(make(x, w), 2 * rows * inner * outer) for name, make in libraries().items()}
        result.append(rates)
    print(json.dumps(result))


main()
