#include <gptnas/tensor/one_dnn_backend.hpp>

#include <iostream>

#ifndef GPTNAS_WITH_ONEDNN
#error "gptnas::onednn must define GPTNAS_WITH_ONEDNN"
#endif

int main() {
  const float a = 2, b = 3;
  float c = 0;
  gptnas::OneDnnProduct::multiply(gptnas::MatrixView(&a, 1, 1), gptnas::MatrixView(&b, 1, 1),
                                  gptnas::MatrixView(&c, 1, 1), gptnas::Update::assign);
  std::cout << "gptnas with oneDNN: 2 x 3 = " << c << '\n';
}
