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
const std::string kSecurity =
    "#include <string>\n"
    "#include \"security/principal.h\"\n"
    "#include \"security/tenant_id.h\"\n"
    "using holdfast::security::TenantId;\n"
    "using holdfast::security::VerifiedPrincipal;\n";
const std::string kApp = kSecurity +
                         "#include <utility>\n"
                         "#include \"app/tenant_store.h\"\n"
                         "using holdfast::app::TenantStore;\n"
                         "using holdfast::readmodel::ReadModel;\n";

// Whether the compiler of this build takes it; what it says goes into `said`.
bool Compiles(const std::string& code, std::string& said) {
  const std::string command =
      absl::StrCat("printf '%s' \"$HOLDFAST_SNIPPET\" | ", HOLDFAST_COMPILER,
                   " -std=c++20 -fsyntax-only -x c++ ", HOLDFAST_INCLUDES, " - 2>&1");
  setenv("HOLDFAST_SNIPPET", code.c_str(), 1);
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return false;
  std::array<char, 4096> buffer;
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(buffer.data(), 1, buffer.size(), pipe);
    said.append(buffer.data(), got);
  }
  return pclose(pipe) == 0;
}

TEST(Tenancy, ComesFromAVerifiedPrincipal) {
  std::string said;
  EXPECT_TRUE(Compiles(absl::StrCat(kApp, R"cpp(
                         TenantId Of(const VerifiedPrincipal& who) {
                           return TenantId(who);
                         }
                         void To(const TenantId&);
                         void Go(const VerifiedPrincipal& who) {
                           To(TenantId(who));
                         }
                         TenantStore Of(const VerifiedPrincipal& who, ReadModel& model) {
                           return {who, model, ""};
                         }
                         std::string NameOf(VerifiedPrincipal& who) {
                           return who.tenant();
                         }
                       )cpp"),
                       said))
      << said;
}

struct Offence {
  const char* name;
  const std::string& prologue;
  const char* code;
};

class TenancyOffence : public ::testing::TestWithParam<Offence> {};

TEST_P(TenancyOffence, ComesFromNothingElse) {
  std::string said;
  EXPECT_FALSE(Compiles(absl::StrCat(GetParam().prologue, GetParam().code), said));
  EXPECT_NE(said.find("error:"), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(
    Named, TenancyOffence,
    ::testing::Values(
        Offence{"TenantIdOfAName", kSecurity,
                "TenantId Of(const std::string& name) { return TenantId(name); }"},
        Offence{"TenantIdOfNothing", kSecurity, "TenantId Of() { return TenantId(); }"},
        Offence{"TenantIdUnasked", kSecurity,
                "void To(const TenantId&); void Go(const VerifiedPrincipal& who) { To(who); }"},
        Offence{
            "StoreOfAName", kApp,
            "TenantStore Of(const std::string& name, ReadModel& m) { return {name, m, \"\"}; }"},
        Offence{"PrincipalOfNothing", kSecurity,
                "VerifiedPrincipal Of() { return VerifiedPrincipal(); }"},
        Offence{"PrincipalRenamed", kSecurity,
                "void Of(VerifiedPrincipal& who) { who.tenant_ = \"eastvale\"; }"}),
    [](const auto& offence) { return std::string(offence.param.name); });

}  // namespace
}  // namespace holdfast::architecture
