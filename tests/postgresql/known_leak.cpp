// What LeakSanitizer may overlook here, and nothing else: libpqxx 6.4.5 loses the result of a statement (2.3 kB) when
// the link breaks while it runs, once a connection. The pattern is that library's file name, so that another version
// is looked at afresh.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx-6.4\n"; }
