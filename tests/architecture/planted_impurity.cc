// What a domain must never hold, so that the purity test can be seen to find it in a real archive.
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <mutex>
#include <random>
#include <string>

namespace holdfast::architecture {

std::time_t ReadsTheClock();
std::time_t ReadsTheClock() {
  return std::time(nullptr);
}

const char* ReadsTheEnvironment();
const char* ReadsTheEnvironment() {
  return std::getenv("PATH");
}

unsigned DrawsARandomNumber();
unsigned DrawsARandomNumber() {
  return std::random_device()();
}

int Locks(std::mutex& mutex, int& value);
int Locks(std::mutex& mutex, int& value) {
  const std::lock_guard lock(mutex);
  return ++value;
}

std::string ReadsAFile(const std::string& path);
std::string ReadsAFile(const std::string& path) {
  std::ifstream in(path);
  std::string word;
  in >> word;
  return word;
}

}  // namespace holdfast::architecture
