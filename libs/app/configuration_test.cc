#include "app/configuration.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/command_line.h"

namespace holdfast::app {
namespace {

using ::testing::HasSubstr;

config::v1::Process Demo() {
  config::v1::Process config;
  config.mutable_demo()->set_data(config::v1::Demo::EMPTY);
  return config;
}

TEST(Configuration, HasADefaultForEverythingThatNeedsOne) {
  config::v1::Process config = Demo();
  ASSERT_TRUE(Complete(config).ok());
  EXPECT_EQ(config.listen().host(), "127.0.0.1");
  EXPECT_EQ(config.listen().http_port(), 8080U);
  EXPECT_EQ(config.listen().grpc_port(), 8081U);
  EXPECT_EQ(config.journal().partitions(), 4U);
  EXPECT_EQ(config.drain().delay_ms(), 0U);  // in development
  EXPECT_EQ(config.drain().deadline_ms(), 20000U);
}

TEST(Configuration, OfTheArchiverOfADeploymentNeedsNobodyWhoSignsIn) {
  config::v1::Process config;
  config.set_data_dir("d");
  config.mutable_archiver()->set_key("backup.key");
  config.mutable_kafka()->set_bootstrap("127.0.0.1:9092");
  config.mutable_instance()->set_shared_secrets("secrets");
  ASSERT_TRUE(Complete(config).ok()) << Complete(config);
  EXPECT_EQ(config.archiver().folder(), "d/archive");
  EXPECT_EQ(config.archiver().max_segment_age_ms(), 60'000U);
  config.mutable_archiver()->clear_key();
  EXPECT_THAT(std::string(Complete(config).message()), HasSubstr("archiver.key"));
}

TEST(Configuration, RefusesUnknownAndDoubleKeys) {
  config::v1::Process config;
  EXPECT_FALSE(OverlayJson(R"({"listen":{"grcp_port":1}})", "a.json", config).ok());
  const absl::Status twice = OverlayJson(R"({"data_dir":"a","data_dir":"b"})", "a.json", config);
  EXPECT_THAT(std::string(twice.message()), HasSubstr("a.json"));
  EXPECT_THAT(std::string(twice.message()), HasSubstr("twice"));
  EXPECT_FALSE(OverlayJson("{", "a.json", config).ok());
  EXPECT_FALSE(OverlayJson(R"({"listen":{"grpc_port":"many"}})", "a.json", config).ok());
}

TEST(Configuration, LetsALaterFileOverrideValuesAndReplaceLists) {
  config::v1::Process config;
  ASSERT_TRUE(OverlayJson(
                  R"({"listen":{"host":"127.0.0.2","grpc_port":1},
                      "directory":{"tenants":[{"slug":"aa","name":"A"}]}})",
                  "first", config)
                  .ok());
  ASSERT_TRUE(
      OverlayJson(
          R"({"listen":{"grpc_port":0},"directory":{"tenants":[{"slug":"bb","name":"B"}]}})",
          "second", config)
          .ok());
  EXPECT_EQ(config.listen().host(), "127.0.0.2");
  EXPECT_TRUE(config.listen().has_grpc_port());
  EXPECT_EQ(config.listen().grpc_port(), 0U);
  ASSERT_EQ(config.directory().tenants_size(), 1);
  EXPECT_EQ(config.directory().tenants(0).slug(), "bb");
}

TEST(Configuration, SetsASingleValueByItsPath) {
  config::v1::Process config;
  ASSERT_TRUE(OverlaySetting("listen.grpc_port=9000", config).ok());
  ASSERT_TRUE(OverlaySetting("listen.replace_taken_ports=true", config).ok());
  ASSERT_TRUE(OverlaySetting("environment=PRODUCTION", config).ok());
  EXPECT_EQ(config.listen().grpc_port(), 9000U);
  EXPECT_TRUE(config.listen().replace_taken_ports());
  EXPECT_EQ(config.environment(), config::v1::Process::PRODUCTION);
  for (const std::string_view wrong :
       {"listen.nothing=1", "listen=1", "listen.grpc_port", "=1", "directory.tenants=1",
        "listen.grpc_port.x=1", "environment=NOWHERE", "listen.grpc_port=-1"}) {
    EXPECT_FALSE(OverlaySetting(wrong, config).ok()) << wrong;
  }
}

TEST(Configuration, HoldsNobodyToAQuotaUntilOneIsSet) {
  config::v1::Process config = Demo();
  ASSERT_TRUE(Complete(config).ok());
  EXPECT_EQ(config.actor().quota().cost_per_second(), 0U);
  ASSERT_TRUE(OverlaySetting("actor.quota.cost_per_second=200", config).ok());
  EXPECT_EQ(config.actor().quota().cost_per_second(), 200U);
}

TEST(Configuration, RefusesValuesOutOfTheirLimits) {
  config::v1::Process config = Demo();
  config.mutable_journal()->set_partitions(5000);
  config.mutable_listen()->set_http_port(70000);
  const absl::Status refused = Complete(config);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("journal.partitions must be at most 1024"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("listen.http_port must be at most 65535"));
}

TEST(Configuration, KeepsTheDemonstrationOnLoopbackAndAwayFromRealTenants) {
  config::v1::Process production = Demo();
  production.set_environment(config::v1::Process::PRODUCTION);
  EXPECT_FALSE(Complete(production).ok());

  config::v1::Process beside = Demo();
  config::v1::Tenant& real = *beside.mutable_directory()->add_tenants();
  real.set_slug("real");
  real.set_name("Real");
  EXPECT_FALSE(Complete(beside).ok());

  config::v1::Process open = Demo();
  open.mutable_listen()->set_host("0.0.0.0");
  EXPECT_FALSE(Complete(open).ok());

  config::v1::Process nobody;
  EXPECT_THAT(std::string(Complete(nobody).message()), HasSubstr("--demo"));
}

TEST(Configuration, LooksIntoTheFileOfItsIssuers) {
  const std::string path = ::testing::TempDir() + "/configured-issuers.json";
  config::v1::Process config;
  config.mutable_security()->set_issuers_file(path);
  const auto said = [&config] { return std::string(Complete(config).message()); };
  std::filesystem::remove(path);
  EXPECT_THAT(said(), HasSubstr("security.issuers_file: "));
  std::ofstream(path) << R"({"issuers":[{"issuer":"http://sign-in.example","algorithms":["ES256"],)"
                      << R"("audiences":[{"audience":"a","tenant":"westmoor"}]}]})";
  EXPECT_THAT(said(), HasSubstr("issuers[0].issuer: it must be an address of https"));
  std::ofstream(path)
      << R"({"issuers":[{"issuer":"https://sign-in.example","algorithms":["ES256"],)"
      << R"("audiences":[{"audience":"a","tenant":"westmoor"}]}]})";
  EXPECT_EQ(said(), "") << "whoever has a provider needs no demonstration";
}

TEST(Configuration, MissesACertificateBeforeAnythingBegins) {
  config::v1::Process config = Demo();
  config.mutable_security()->set_certificates(::testing::TempDir() + "/no-certificates");
  EXPECT_THAT(std::string(Complete(config).message()),
              HasSubstr("security.certificates: the authority's certificate"));
}

TEST(CommandLine, GivesThreePortsFromOne) {
  const char* arguments[] = {"holdfast", "--port", "9000", "--demo=empty", "--data", "/x"};
  const auto line = ReadCommandLine(6, arguments);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->config.listen().http_port(), 9000U);
  EXPECT_EQ(line->config.listen().grpc_port(), 9001U);
  EXPECT_EQ(line->config.listen().admin_port(), 9002U);
  EXPECT_EQ(line->config.demo().data(), config::v1::Demo::EMPTY);
  EXPECT_EQ(line->config.data_dir(), "/x");
}

TEST(CommandLine, TakesAllOrNothing) {
  const char* plain[] = {"holdfast", "--demo", "--check-config"};
  const auto line = ReadCommandLine(3, plain);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->config.demo().data(), config::v1::Demo::FULL);
  EXPECT_TRUE(line->check_only);

  const char* unknown[] = {"holdfast", "--demo", "--nonsense"};
  EXPECT_FALSE(ReadCommandLine(3, unknown).ok());
  const char* port[] = {"holdfast", "--demo", "--port", "99999"};
  EXPECT_FALSE(ReadCommandLine(4, port).ok());
  const char* file[] = {"holdfast", "--config", "/nowhere/at/all.json"};
  EXPECT_THAT(std::string(ReadCommandLine(3, file).status().message()),
              HasSubstr("/nowhere/at/all.json"));
}

}  // namespace
}  // namespace holdfast::app
