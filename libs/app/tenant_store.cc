#include "app/tenant_store.h"

#include <filesystem>
#include <utility>

#include "readmodel/read_model.h"

namespace holdfast::app {

void TenantStore::Open(const type::v1::ReadOptions& read, absl::Time deadline,
                       absl::AnyInvocable<void(Snapshot)> done) const {
  read_model_.OpenReader(tenant_.slug(), read, deadline, std::move(done));
}

TenantStore::Snapshot TenantStore::OpenNow(const type::v1::ReadOptions& read,
                                           absl::Time deadline) const {
  return read_model_.OpenReaderNow(tenant_.slug(), read, deadline);
}

std::string TenantStore::Folder(const std::string& context) const {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(files_) / context / tenant_.slug();
  std::error_code error;
  fs::create_directories(folder, error);
  fs::permissions(folder, fs::perms::owner_all, error);
  return folder.string();
}

}  // namespace holdfast::app
