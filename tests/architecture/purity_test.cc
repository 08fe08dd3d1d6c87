// The archives of deciders and views, and a planted one that reaches for the world.
#include "purity.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"

namespace holdfast::architecture {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Purity, HoldsInEveryDomainArchive) {
  const std::vector<std::string> archives =
      absl::StrSplit(HOLDFAST_DOMAIN_ARCHIVES, ',', absl::SkipEmpty());
  ASSERT_FALSE(archives.empty()) << "no service has a domain";
  for (const std::string& archive : archives) {
    const absl::StatusOr<std::string> symbols = UndefinedSymbols(archive);
    ASSERT_TRUE(symbols.ok()) << symbols.status();
    EXPECT_THAT(*symbols, HasSubstr(" U ")) << archive << " is empty";
    EXPECT_THAT(FindImpurities(*symbols), IsEmpty()) << archive;
  }
}

TEST(Purity, IsMissedInAPlantedArchive) {
  const absl::StatusOr<std::string> symbols = UndefinedSymbols(HOLDFAST_PLANTED_ARCHIVE);
  ASSERT_TRUE(symbols.ok()) << symbols.status();
  const Faults faults = FindImpurities(*symbols);
  for (const char* reach :
       {"a clock: time", "the environment: getenv", "a random number: std::random_device",
        "a thread or lock: pthread_mutex_lock", "a file: std::basic_ifstream"}) {
    EXPECT_THAT(faults, Contains(Field(&Fault::what, HasSubstr(reach))));
  }
}

TEST(Purity, IsMissedForEachKindOfReach) {
  const std::vector<std::string> planted = {"clock_gettime",
                                            "std::chrono::_V2::system_clock::now()",
                                            "absl::lts_20220623::Now()",
                                            "pthread_create",
                                            "absl::lts_20220623::Mutex::Lock()",
                                            "TLS init function for x",
                                            "fopen64",
                                            "vtable for std::basic_ofstream<char>",
                                            "std::filesystem::exists(std::filesystem::path const&)",
                                            "socket",
                                            "getenv@GLIBC_2.2.5",
                                            "getrandom",
                                            "rocksdb::DB::Open(…)",
                                            "rd_kafka_produce",
                                            "grpc::ServerBuilder::ServerBuilder()",
                                            "holdfast::SystemClock()",
                                            "std::locale::locale()"};
  for (const std::string& symbol : planted) {
    EXPECT_THAT(FindImpurities("site.cc.o:\n                 U " + symbol + "\n"),
                ElementsAre(Field(&Fault::where, "site.cc.o")))
        << symbol;
  }
}

TEST(Purity, MindsNoValue) {
  EXPECT_THAT(
      FindImpurities("site.cc.o:\n"
                     "                 U std::__cxx11::basic_string<char>::append(char const*)\n"
                     "                 U operator new(unsigned long)\n"
                     "                 U holdfast::CheckFailed(char const*, int, char const*)\n"
                     "                 U holdfast::type::v1::Day::timeline()\n"
                     "                 U memcpy\n"),
      IsEmpty());
}

TEST(Purity, SaysWhenAnArchiveCannotBeRead) {
  EXPECT_FALSE(UndefinedSymbols("no/such/archive.a").ok());
}

}  // namespace
}  // namespace holdfast::architecture
