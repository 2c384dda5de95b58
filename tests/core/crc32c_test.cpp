#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gptnas/core/crc32c.hpp>
#include <gptnas/core/random_stream.hpp>

namespace crc32c_test {

using gptnas::crc32c;

static_assert(crc32c("") == 0);
static_assert(crc32c("123456789") == 0xE3069283);  // the check value of the CRC catalogue

// RFC 3720, appendix B.4, which prints the bytes of the checksums lowest first.
TEST(Crc32c, IsThatOfRfc3720) {
  std::string rising, falling;
  for (char byte = 0; byte < 32; ++byte) {
    rising += byte;
    falling.insert(falling.begin(), byte);
  }
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(rising), 0x46DD794Eu);
  EXPECT_EQ(crc32c(falling), 0x113FDB5Cu);
  std::string command(48, '\0');  // an iSCSI SCSI Read (10) command
  command[0] = '\x01';
  command[1] = '\xC0';
  command[16] = '\x14';
  command[22] = '\x04';
  command[27] = '\x14';
  command[31] = '\x18';
  command[32] = '\x28';
  command[40] = '\x02';
  EXPECT_EQ(crc32c(command), 0xD9963A56u);
}

// The definition, a bit a step.
std::uint32_t by_bits(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  return ~crc;
}

TEST(Crc32c, IsItsDefinitionForEveryLength) {
  gptnas::RandomStream random(1);
  std::string bytes;
  for (std::size_t size = 0; size < 100; ++size) {
    ASSERT_EQ(crc32c(bytes), by_bits(bytes)) << size;
    bytes += static_cast<char>(random.below(256));
  }
}

}  // namespace crc32c_test
