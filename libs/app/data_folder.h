// The one folder that a process writes to, held by a lock while it lives.
//
//   <data>/run/lock           held; run/pid and run/holdfast.json say who, and where it answers
//   <data>/journal/           the truth
//   <data>/state/ views/      derived from it
//   <data>/files/<context>/   what a context keeps for a tenant
//   <data>/keyvault/          the keys of people and records; in no backup of the rest
//   <data>/restoring/         there while a backup is restored into the folder: nobody serves it
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/folder_lock.h"

namespace holdfast::app {

struct Addresses {
  std::string console;  // "http://127.0.0.1:8080"; empty where no gateway runs here
  std::string grpc;     // "127.0.0.1:8081"
  std::string admin;    // "http://127.0.0.1:8082"
};

class DataFolder {
 public:
  // Makes it (0700) where it is missing. kUnavailable where it cannot be written,
  // kFailedPrecondition where another process serves it: sentences that say what, where, and what
  // to do.
  static absl::StatusOr<std::unique_ptr<DataFolder>> Open(const std::string& path);
  // Forgets the addresses, gives up the lock.
  ~DataFolder();

  const std::string& path() const { return path_; }  // absolute
  std::string Folder(const std::string& name) const { return path_ + "/" + name; }

  // Whole or not at all: run/holdfast.json, one line.
  absl::Status Announce(const Addresses& addresses);

 private:
  DataFolder(std::string path, std::unique_ptr<const FolderLock> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string path_;
  const std::unique_ptr<const FolderLock> lock_;
};

}  // namespace holdfast::app
