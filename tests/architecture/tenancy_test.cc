// What must not compile: a tenant named by anything but a verified principal. Each offence stands
// beside the same code without it, which must compile, so that no other mistake passes for it.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace holdfast::architecture {
namespace {

// Not as the lines that they are: this file includes none of them.
constexpr char kPrologue[] =
    "#include <memory>\n"
    "#include <string>\n"
    "#include <utility>\n"
    "#include \"app/tenant_store.h\"\n"
    "#include \"readmodel/read_model.h\"\n"
    "#include \"security/principal.h\"\n"
    "#include \"security/tenant_id.h\"\n"
    "using holdfast::app::TenantStore;\n"
    "using holdfast::readmodel::ReadModel;\n"
    "using holdfast::security::TenantId;\n"
    "using holdfast::security::VerifiedPrincipal;\n";

// Whether the compiler of this build takes it; what it says goes into `said`.
bool Compiles(const std::string& code, std::string& said) {
  const std::string command =
      absl::StrCat("printf '%s' \"$HOLDFAST_SNIPPET\" | ", HOLDFAST_COMPILER,
                   " -std=c++20 -fsyntax-only -x c++ ", HOLDFAST_INCLUDES, " - 2>&1");
  setenv("HOLDFAST_SNIPPET", absl::StrCat(kPrologue, code).c_str(), 1);
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return false;
  std::array<char, 4096> buffer;
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(buffer.data(), 1, buffer.size(), pipe);
    said.append(buffer.data(), got);
  }
  return pclose(pipe) == 0;
}

struct Case {
  const char* name;
  const char* good;
  const char* offence;
};

class Tenancy : public ::testing::TestWithParam<Case> {};

TEST_P(Tenancy, ComesFromAVerifiedPrincipalAlone) {
  std::string said;
  ASSERT_TRUE(Compiles(GetParam().good, said)) << said;
  said.clear();
  EXPECT_FALSE(Compiles(GetParam().offence, said));
  EXPECT_NE(said.find("error:"), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(
    Offences, Tenancy,
    ::testing::Values(
        Case{"TenantIdOfAName",
             "TenantId Of(const VerifiedPrincipal& who) { return TenantId(who); }",
             "TenantId Of(const std::string& name) { return TenantId(name); }"},
        Case{"TenantIdOfNothing",
             "TenantId Of(const VerifiedPrincipal& who) { return TenantId(who); }",
             "TenantId Of() { return TenantId(); }"},
        Case{"TenantIdUnasked",
             "void To(const TenantId&); void Go(const VerifiedPrincipal& w) { To(TenantId(w)); }",
             "void To(const TenantId&); void Go(const VerifiedPrincipal& w) { To(w); }"},
        Case{"StoreOfAName",
             "TenantStore Of(const VerifiedPrincipal& w, ReadModel& m) { return {w, m, \"\"}; }",
             "TenantStore Of(const std::string& w, ReadModel& m) { return {w, m, \"\"}; }"},
        Case{"PrincipalOfNothing",
             "std::string Of(const VerifiedPrincipal& who) { return who.tenant(); }",
             "VerifiedPrincipal Of() { return VerifiedPrincipal(); }"},
        Case{"PrincipalRenamed", "std::string Of(VerifiedPrincipal& who) { return who.tenant(); }",
             "void Of(VerifiedPrincipal& who) { who.tenant_ = \"eastvale\"; }"}),
    [](const auto& offence) { return std::string(offence.param.name); });

}  // namespace
}  // namespace holdfast::architecture
