# find_package(gptnas CONFIG [COMPONENTS json zlib onednn cuda])

include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_DATAROOTDIR}/cmake/gptnas")

# One export a component, so that the package looks for a component's libraries only where it is asked for.
install(TARGETS gptnas EXPORT gptnas-targets FILE_SET HEADERS)
install(TARGETS gptnas_json EXPORT gptnas-json FILE_SET HEADERS)
install(TARGETS gptnas_zlib EXPORT gptnas-zlib)
install(TARGETS gptnas_onednn EXPORT gptnas-onednn FILE_SET HEADERS)
install(EXPORT gptnas-targets NAMESPACE gptnas:: DESTINATION "${package_folder}")
install(EXPORT gptnas-json NAMESPACE gptnas:: DESTINATION "${package_folder}")
install(EXPORT gptnas-zlib NAMESPACE gptnas:: DESTINATION "${package_folder}")
install(EXPORT gptnas-onednn NAMESPACE gptnas:: DESTINATION "${package_folder}")
if(TARGET gptnas_cuda)
  install(TARGETS gptnas_cuda EXPORT gptnas-cuda)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/gptnas/cuda" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/gptnas"
          FILES_MATCHING PATTERN "*.cu" PATTERN "*.cuh")
  install(EXPORT gptnas-cuda NAMESPACE gptnas:: DESTINATION "${package_folder}")
endif()

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/gptnas-config.cmake.in" "${PROJECT_BINARY_DIR}/gptnas-config.cmake"
  INSTALL_DESTINATION "${package_folder}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/gptnas-config-version.cmake" COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/gptnas-config.cmake" "${PROJECT_BINARY_DIR}/gptnas-config-version.cmake"
        DESTINATION "${package_folder}")
