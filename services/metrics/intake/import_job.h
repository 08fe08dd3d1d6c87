// An import, planned and applied by the same code: files -> deliveries -> what they change ->
// commands.
//
//   plan    reads every file, writes no event, and answers with a token
//   apply   reads them again and sends Open, Stage …, Accept for each month that changes; nothing
//           waits for an answer but the end. What an interruption left open goes on at its next
//           piece, or anew where areas were loaded meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/service.h"
#include "metrics/intake/area_resolver.h"
#include "metrics/intake/delivery.h"
#include "metrics/intake/upload_store.h"

namespace holdfast::metrics {

class ImportJob {
 public:
  // `call` is borrowed.
  static absl::StatusOr<std::unique_ptr<ImportJob>> Create(const v1::PlanImportRequest& request,
                                                           app::CallContext& call);

  absl::StatusOr<v1::ImportPlan> Plan();
  // kAborted, PLAN_STALE, where a month is neither as planned nor as it will be.
  absl::StatusOr<v1::ImportResult> Apply(const v1::ImportPlan& plan);

 private:
  ImportJob(v1::PlanImportRequest request, app::CallContext& call);
  absl::Status EachDelivery(absl::FunctionRef<absl::Status(Delivery&)> use);
  absl::Status EachStreetFile(absl::FunctionRef<absl::Status(Delivery&)> use);
  absl::Status EachSeriesMonth(absl::FunctionRef<absl::Status(Delivery&)> use);
  absl::StatusOr<DatasetFacts> DatasetOfSeries(const std::string& path) const;
  absl::StatusOr<std::map<absl::CivilMonth, Delivery>> ReadMonths(DatasetFacts dataset,
                                                                  const std::string& path,
                                                                  ingest::ByteSource& source) const;
  absl::StatusOr<std::size_t> SetOfSeries(const std::vector<std::string>& codes) const;
  absl::Status PlanMonth(Delivery& delivery, v1::ImportPlan& plan);
  absl::Status PlanHold(const Delivery& delivery, const v1::ImportPlan& plan,
                        v1::MonthPlan& month) const;
  void NoteFaults(const Delivery& delivery, v1::ImportPlan& plan);
  absl::Status ApplyMonth(Delivery& delivery, const v1::ImportPlan& plan, v1::ImportResult& result);
  absl::Status SendChange(Delivery& delivery, const v1::ExtractListRow& held_month,
                          const v1::ImportPlan& plan);
  void RegisterOnce(const Delivery& delivery);
  std::vector<std::size_t> AllSets() const;
  std::uint64_t CountUnlocated(Delivery& delivery) const;

  const v1::PlanImportRequest request_;
  app::CallContext& call_;
  UploadStore uploads_;
  std::unique_ptr<AreaResolver> resolver_;
  std::map<std::string, bool> registered_;  // datasets seen by this job
  // Of the plan being made.
  std::string errors_csv_;
  v1::ImportNote note_;
};

// The stages of one month, sent without waiting: Open, the changes in pieces of at most 500 lines,
// Accept.
struct MonthChange {
  v1::OpenExtract open;
  std::uint32_t first_seq = 0;  // pieces before it are there already
};

// Writes into `open` in which sets, and by which of their versions, its rows are resolved.
void NameSets(const AreaResolver& resolver, const std::vector<std::size_t>& sets,
              v1::OpenExtract& open);
// Whether the rows of a revision are resolved in these sets as the resolver knows them now. What
// was opened otherwise cannot go on: its rest would be placed by other areas than its beginning.
bool ResolvedBy(const v1::ExtractOpened& opened, const AreaResolver& resolver,
                const std::vector<std::size_t>& sets);

// `held` are the rows of the base; `sets` those in which every row is resolved, `new_sets` those of
// them in which the base is not resolved yet. Rows of the base that lie elsewhere now are moved.
// Returns how many rows of the base were placed; a RELOCATION that places none is not sent.
std::size_t SendMonth(app::CallContext& call, Delivery& delivery, AreaResolver& resolver,
                      const MonthChange& change, const std::vector<RowStore::Row>& held,
                      const ingest::RowChanges& changes, const std::vector<std::size_t>& sets,
                      const std::vector<std::size_t>& new_sets);

// Gives up a revision that cannot go on.
void SendAbandon(app::CallContext& call, const v1::ExtractOpened& opened);

// Notes of imports by their tokens.
std::string PlanNoteName(const std::string& token);
std::string ErrorsNoteName(const std::string& token);

}  // namespace holdfast::metrics
