// Marks functions that run on the processor as well as on a GPU, so that tests without a GPU reach them.
#pragma once

#if defined(__CUDACC__)
#define GPTNAS_HOST_DEVICE __host__ __device__
#else
#define GPTNAS_HOST_DEVICE
#endif
