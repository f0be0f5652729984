# What holds for everything that is compiled here, and for nobody who uses it.
function(penstock_own_code target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                             $<$<BOOL:${PENSTOCK_WERROR}>:-Werror>)
    # Optimised, g++ 12 sees overlapping copies in "text" + std::string where there are none (its bug 105651), and members
    # without a value where a temporary aggregate gets some of its members by name.
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized)
    endif()
    if(PENSTOCK_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    if(PENSTOCK_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=${PENSTOCK_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
        target_link_options(${target} PUBLIC -fsanitize=${PENSTOCK_SANITIZE})
    endif()
endfunction()
