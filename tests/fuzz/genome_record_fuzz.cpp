// A genome's record of any JSON is refused with std::invalid_argument, or it is the record of the genome that it gives.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>

#include <gptnas/genome/record.hpp>
#include <gptnas/genome/reflection.hpp>

namespace {

using gptnas::Choice;
using gptnas::Repeat;
using gptnas::Sequence;

enum class Op : std::uint8_t { conv, pool };

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (Choice<Op::conv, Op::pool>, op), (Choice<-1, 3, 5>, kernel));
};

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome,
    (Sequence<Block, 0, 3>, blocks),
    (Repeat<Choice<1, 2>, 2>, strides),
    (Choice<false, true>, flag));
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = nlohmann::ordered_json::parse(data, data + size, nullptr, false);
  if (record.is_discarded()) return 0;
  try {
    const auto genome = gptnas::from_json<Genome>(record);
    const auto again = gptnas::to_json(genome);
    if (gptnas::to_json(gptnas::from_json<Genome>(again)) != again) std::abort();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
