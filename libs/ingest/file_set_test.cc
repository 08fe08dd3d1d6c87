#include "ingest/file_set.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zip.h>

#include "ingest/fuzz_entry.h"

namespace holdfast::ingest {
namespace {

using testing::HasSubstr;
using Files = std::vector<std::pair<std::string, std::string>>;

class FileSetTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("file_set_") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string At(const std::string& name) const { return (folder_ / name).string(); }

  std::string Write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return At(name);
  }

  // The bytes of a zip of these files.
  std::string Zip(const Files& files, bool encrypted = false) const {
    const std::string path = At("made.zip");
    std::filesystem::remove(path);
    int error = 0;
    zip_t* const archive = zip_open(path.c_str(), ZIP_CREATE, &error);
    EXPECT_NE(archive, nullptr);
    for (const auto& [name, content] : files) {
      zip_source_t* const source = zip_source_buffer(archive, content.data(), content.size(), 0);
      const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
      EXPECT_GE(index, 0);
      if (encrypted) {
        zip_file_set_encryption(archive, static_cast<zip_uint64_t>(index), ZIP_EM_AES_256,
                                "secret");
      }
    }
    EXPECT_EQ(zip_close(archive), 0);
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  std::filesystem::path folder_;
};

std::string Everything(FileSet& files, std::size_t i) {
  auto source = files.OpenEntry(i);
  if (!source.ok()) return std::string(source.status().message());
  std::string out;
  std::vector<char> piece(1'000);
  while (true) {
    const auto length = (*source)->Read(piece);
    if (!length.ok()) return std::string(length.status().message());
    if (*length == 0) return out;
    out.append(piece.data(), *length);
  }
}

std::string FaultOf(std::string_view bytes, FileSetLimits limits = {}) {
  FuzzZip(bytes);  // keeps its promises on every example
  const auto files = FileSet::FromBytes("a.zip", bytes, limits);
  if (files.ok()) return "";
  EXPECT_EQ(files.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(files.status().message());
}

// The same bytes with another text of the same length, everywhere.
std::string With(std::string bytes, const std::string& from, const std::string& to) {
  EXPECT_EQ(from.size(), to.size());
  for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + 1)) {
    bytes.replace(at, from.size(), to);
  }
  return bytes;
}

std::string LittleEndian32(std::uint32_t value) {
  std::string out;
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift);
  return out;
}

TEST_F(FileSetTest, ListsAZipInTheOrderOfItsPathsAndStreamsIt) {
  const std::string zip =
      Zip({{"b/2.csv", "two"}, {"a.csv", std::string(5'000, 'x')}, {"b/1.csv", ""}});
  const auto files = FileSet::FromBytes("a.zip", zip);
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ((*files)->entries().size(), 3U);
  EXPECT_EQ((*files)->entries()[0].path, "a.csv");
  EXPECT_EQ((*files)->entries()[0].bytes, 5'000U);
  EXPECT_EQ((*files)->entries()[1].path, "b/1.csv");
  EXPECT_EQ(Everything(**files, 0), std::string(5'000, 'x'));
  EXPECT_EQ(Everything(**files, 1), "");
  EXPECT_EQ(Everything(**files, 2), "two");
  EXPECT_EQ(Everything(**files, 2), "two");  // again
}

TEST_F(FileSetTest, IsTheSameFromAPathADescriptorAndBytes) {
  const std::string path = Write("x.zip", Zip({{"a.csv", "one"}, {"b.csv", "two"}}));
  const auto by_path = FileSet::Open(path);
  ASSERT_TRUE(by_path.ok()) << by_path.status();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto by_descriptor = FileSet::FromDescriptor("x.zip", fd);
  const auto by_descriptor_too = FileSet::FromDescriptor("x.zip", fd);
  ::close(fd);
  ASSERT_TRUE(by_descriptor.ok() && by_descriptor_too.ok());
  for (FileSet* files : {by_path->get(), by_descriptor->get(), by_descriptor_too->get()}) {
    ASSERT_EQ(files->entries().size(), 2U);
    EXPECT_EQ(Everything(*files, 0), "one");
    EXPECT_EQ(Everything(*files, 1), "two");
  }
}

TEST_F(FileSetTest, ReadsAFolderWithoutWhatIsHiddenOrLinked) {
  Write("in/2016-02/b.csv", "b");
  Write("in/2016-01/a.csv", "a");
  Write("in/.hidden/c.csv", "c");
  Write("in/.DS_Store", "d");
  std::filesystem::create_symlink(folder_ / "in/2016-01/a.csv", folder_ / "in/link.csv");
  const auto files = FileSet::Open(At("in"));
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ((*files)->entries().size(), 2U);
  EXPECT_EQ((*files)->entries()[0].path, "2016-01/a.csv");
  EXPECT_EQ((*files)->entries()[1].path, "2016-02/b.csv");
  EXPECT_EQ(Everything(**files, 1), "b");
}

TEST_F(FileSetTest, TakesALoneCsv) {
  const auto files = FileSet::Open(Write("in/street.csv", "a,b\n"));
  ASSERT_TRUE(files.ok());
  ASSERT_EQ((*files)->entries().size(), 1U);
  EXPECT_EQ((*files)->entries()[0].path, "street.csv");
  EXPECT_EQ(Everything(**files, 0), "a,b\n");
  const auto bytes = FileSet::FromBytes("street.csv", "a,b\n");
  EXPECT_EQ(Everything(**bytes, 0), "a,b\n");
}

TEST_F(FileSetTest, SaysWhatIsMissingOrNoSuchThing) {
  EXPECT_EQ(FileSet::Open(At("nowhere.csv")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(FaultOf("a,b\n1,2\n"), HasSubstr("a.zip: this is no zip file"));
  EXPECT_THAT(FaultOf("\x1F\x8B\x08"), HasSubstr("this is a gzip file"));
  EXPECT_THAT(std::string(FileSet::Open("/dev/null").status().message()),
              HasSubstr("neither a file nor a folder"));
}

TEST_F(FileSetTest, RefusesATruncatedZipWhereverItIsCut) {
  const std::string zip = Zip({{"a.csv", std::string(3'000, 'x')}, {"b.csv", "two"}});
  ASSERT_EQ(FaultOf(zip), "");
  for (const std::size_t length :
       {zip.size() - 1, zip.size() - 22, zip.size() / 2, std::size_t{30}}) {
    EXPECT_THAT(FaultOf(zip.substr(0, length)), HasSubstr("the zip is cut short or damaged"))
        << length;
  }
}

TEST_F(FileSetTest, RefusesDamagedContentWhenItIsRead) {
  std::string zip =
      Zip({{"a.csv", "some content that is stored or packed, but protected by a checksum"}});
  zip[60] = static_cast<char>(zip[60] ^ 0x55);
  const auto files = FileSet::FromBytes("a.zip", zip);
  ASSERT_TRUE(files.ok());
  EXPECT_THAT(Everything(**files, 0), HasSubstr("a.zip: a.csv: is damaged in the zip"));
}

TEST_F(FileSetTest, RefusesPathsThatLeadOut) {
  EXPECT_THAT(FaultOf(Zip({{"../a.csv", "x"}})), HasSubstr("a path that leads out (..)"));
  EXPECT_THAT(FaultOf(Zip({{"a/../../b.csv", "x"}})), HasSubstr("a path that leads out (..)"));
  EXPECT_THAT(FaultOf(Zip({{"/etc/a.csv", "x"}})), HasSubstr("an absolute path"));
  EXPECT_THAT(FaultOf(Zip({{"..\\a.csv", "x"}})), HasSubstr("or one of another system"));
  EXPECT_THAT(FaultOf(Zip({{"C:a.csv", "x"}})), HasSubstr("or one of another system"));
  EXPECT_EQ(FaultOf(Zip({{"a..b/c.csv", "x"}})), "");
}

TEST_F(FileSetTest, RefusesAPathTwice) {
  const std::string zip = Zip({{"aaaa.csv", "x"}, {"bbbb.csv", "y"}});
  EXPECT_THAT(FaultOf(With(zip, "bbbb.csv", "aaaa.csv")), HasSubstr("the path aaaa.csv twice"));
}

TEST_F(FileSetTest, RefusesAZipInAZipByNameAndByContent) {
  const std::string inner = Zip({{"a.csv", "x"}});
  EXPECT_THAT(FaultOf(Zip({{"inner.ZIP", inner}})), HasSubstr("the zip holds another zip"));
  const std::string disguised = Zip({{"inner.csv", inner}});
  const auto files = FileSet::FromBytes("a.zip", disguised);
  ASSERT_TRUE(files.ok());
  EXPECT_THAT(Everything(**files, 0), HasSubstr("the zip holds another zip"));
}

TEST_F(FileSetTest, RefusesAnEncryptedZip) {
  EXPECT_THAT(FaultOf(Zip({{"a.csv", "x"}}, true)), HasSubstr("the zip is encrypted"));
}

TEST_F(FileSetTest, RefusesABombByWhatItClaims) {
  const std::string zip = Zip({{"a.csv", std::string(std::size_t{8} << 20U, 'x')}});
  EXPECT_LT(zip.size(), 20'000U);
  EXPECT_THAT(FaultOf(zip), HasSubstr("a.csv: unpacks to more than 100 times its size"));
}

TEST_F(FileSetTest, RefusesABombThatClaimsToBeSmall) {
  const std::uint32_t size = 8U << 20U;
  const std::string zip = Zip({{"a.csv", std::string(size, 'x')}});
  const std::string lying = With(zip, LittleEndian32(size), LittleEndian32(5'000));
  ASSERT_NE(lying, zip);
  const auto files = FileSet::FromBytes("a.zip", lying);
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_THAT(Everything(**files, 0), HasSubstr("holds more bytes than the zip claims"));
}

TEST_F(FileSetTest, RefusesManySmallBombsTogether) {
  Files files;
  for (int i = 0; i < 20; ++i)
    files.emplace_back(std::to_string(i) + ".csv", std::string(900'000, 'x'));
  EXPECT_THAT(FaultOf(Zip(files)), HasSubstr("all files together: unpacks to more than 100 times"));
}

TEST_F(FileSetTest, RefusesMoreFilesOrBytesThanAllowed) {
  const std::string zip = Zip({{"a.csv", "12345"}, {"b.csv", "67890"}});
  EXPECT_THAT(FaultOf(zip, {.max_entries = 1}), HasSubstr("more than 1 files"));
  EXPECT_THAT(FaultOf(zip, {.max_bytes = 9}), HasSubstr("unpacks to more than 9 bytes"));
  EXPECT_EQ(FaultOf(zip, {.max_entries = 2, .max_bytes = 10}), "");
  Write("in/a.csv", "12345");
  Write("in/b.csv", "67890");
  EXPECT_FALSE(FileSet::Open(At("in"), {.max_entries = 1}).ok());
  EXPECT_FALSE(FileSet::Open(At("in"), {.max_bytes = 9}).ok());
}

TEST_F(FileSetTest, BelievesNoEndRecordThatClaimsManyFiles) {
  std::string zip = Zip({{"a.csv", "x"}});
  const std::size_t end = zip.rfind("PK\x05\x06");
  zip.replace(end + 8, 4, "\x11\x27\x11\x27");  // 10,001 on this disk, and in all
  EXPECT_THAT(FaultOf(zip), HasSubstr("more than 10000 files"));
  zip.replace(end + 8, 4, "\xFF\xFF\xFF\xFF");  // "see the zip64 record", and there is none
  EXPECT_THAT(FaultOf(zip), HasSubstr("more than 10000 files"));
}

}  // namespace
}  // namespace holdfast::ingest
