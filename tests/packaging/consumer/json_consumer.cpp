#include <gptnas/genome/record.hpp>

#include <iostream>

int main() { std::cout << nlohmann::ordered_json{{"gptnas", "with JSON"}} << '\n'; }
