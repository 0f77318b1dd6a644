// A libnvrtc whose cubins are their flags and source, and which refuses sources with `broken` in them. Sources that begin
// with `crowd` are done once eight of them are under way.
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string>

struct Program {
  std::string text, log;
};

static void await_crowd() {
  static std::mutex mutex;
  static std::condition_variable changed;
  static int there = 0;
  std::unique_lock lock(mutex);
  ++there;
  changed.notify_all();
  changed.wait(lock, [] { return there >= 8; });
}

extern "C" {

const char* nvrtcGetErrorString(int result) { return result == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR"; }
int nvrtcVersion(int* major, int* minor) { return *major = MAJOR, *minor = 3, 0; }
int nvrtcCreateProgram(Program** program, const char* text, const char* file, int, const char* const*,
                       const char* const*) {
  return *program = new Program{text, std::string(file) + "(1): error: it is broken\nand more"}, 0;
}
int nvrtcDestroyProgram(Program** program) { return delete *program, 0; }
int nvrtcCompileProgram(Program* program, int count, const char* const* flags) {
  if (program->text.starts_with("crowd")) await_crowd();
  if (program->text.find("broken") != std::string::npos) return 6;
  for (int i = 0; i < count; ++i) program->text = std::string(flags[i]) + "\n" + program->text;
  return 0;
}
int nvrtcGetProgramLogSize(Program* program, size_t* bytes) { return *bytes = program->log.size() + 1, 0; }
int nvrtcGetProgramLog(Program* program, char* log) { return std::strcpy(log, program->log.c_str()), 0; }
int nvrtcGetCUBINSize(Program* program, size_t* bytes) { return *bytes = program->text.size(), 0; }
int nvrtcGetCUBIN(Program* program, char* cubin) {
  return std::memcpy(cubin, program->text.data(), program->text.size()), 0;
}

}  // extern "C"
