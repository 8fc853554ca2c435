namespace ModelCompiler.Runtime.Native;

/// <summary>
/// Slots of the function table <c>OrtApi</c> that are in use here. The table is append-only: a slot never changes, and
/// the last slot of each API version is a documented constant (v1 101, v2 118, v3 124, v4 126, v5 149, v10 203, v12 218,
/// v15 254, v22 317, v23 389, v24 414).
/// </summary>
internal enum OrtFunction
{
    CreateStatus = 0,
    GetErrorCode = 1,
    GetErrorMessage = 2,
    CreateEnvWithCustomLogger = 4,
    DisableTelemetryEvents = 6,
    CreateSession = 7,
    CreateSessionFromArray = 8,
    Run = 9,
    CreateSessionOptions = 10,
    SetOptimizedModelFilePath = 11,
    EnableProfiling = 14,
    DisableMemPattern = 17,
    DisableCpuMemArena = 19,
    SetSessionLogId = 20,
    SetSessionLogSeverityLevel = 22,
    SetSessionGraphOptimizationLevel = 23,
    SetIntraOpNumThreads = 24,
    SetInterOpNumThreads = 25,
    SessionGetInputCount = 30,
    SessionGetOutputCount = 31,
    SessionGetOverridableInitializerCount = 32,
    SessionGetInputTypeInfo = 33,
    SessionGetOutputTypeInfo = 34,
    SessionGetOverridableInitializerTypeInfo = 35,
    SessionGetInputName = 36,
    SessionGetOutputName = 37,
    SessionGetOverridableInitializerName = 38,
    CreateRunOptions = 39,
    RunOptionsSetRunLogSeverityLevel = 41,
    RunOptionsSetTerminate = 46,
    CreateTensorAsOrtValue = 48,
    CreateTensorWithDataAsOrtValue = 49,
    GetTensorMutableData = 51,
    GetStringTensorDataLength = 53,
    GetStringTensorContent = 54,
    CastTypeInfoToTensorInfo = 55,
    GetOnnxTypeFromTypeInfo = 56,
    GetTensorElementType = 60,
    GetDimensionsCount = 61,
    GetDimensions = 62,
    GetSymbolicDimensions = 63,
    GetTensorTypeAndShape = 65,
    GetValueType = 67,
    CreateCpuMemoryInfo = 69,
    AllocatorFree = 76,
    GetAllocatorWithDefaultOptions = 78,
    GetValue = 80,
    GetValueCount = 81,
    CreateValue = 82,
    ReleaseEnv = 92,
    ReleaseStatus = 93,
    ReleaseMemoryInfo = 94,
    ReleaseSession = 95,
    ReleaseValue = 96,
    ReleaseRunOptions = 97,
    ReleaseTypeInfo = 98,
    ReleaseTensorTypeAndShapeInfo = 99,
    ReleaseSessionOptions = 100,

    // Version 2
    CastTypeInfoToMapTypeInfo = 103,
    CastTypeInfoToSequenceTypeInfo = 104,
    GetMapKeyType = 105,
    GetMapValueType = 106,
    GetSequenceElementType = 107,
    SessionEndProfiling = 110,

    // Version 3 and 4
    AddFreeDimensionOverrideByName = 124,
    GetAvailableProviders = 125,
    ReleaseAvailableProviders = 126,

    // Version 5
    AddSessionConfigEntry = 130,

    // Version 9 to 12
    AppendTensorRtProvider = 170,
    CreateTensorRtProviderOptions = 171,
    UpdateTensorRtProviderOptions = 172,
    ReleaseTensorRtProviderOptions = 174,
    HasValue = 192,
    AppendCudaProvider = 204,
    CreateCudaProviderOptions = 205,
    UpdateCudaProviderOptions = 206,
    ReleaseCudaProviderOptions = 208,
    AppendExecutionProvider = 216,

    // Version 15
    CastTypeInfoToOptionalTypeInfo = 250,
    GetOptionalContainedTypeInfo = 251,
    GetResizedStringTensorElementBuffer = 252,
    GetBuildInfoString = 254,

    // Version 22: only where OrtApi.Supports(22).
    GetKeyValue = 297,
    RegisterExecutionProviderLibrary = 301,
    GetEpDevices = 303,
    AppendExecutionProviderV2 = 304,
    SetEpSelectionPolicy = 305,
    HardwareDeviceType = 307,
    HardwareDeviceVendorId = 308,
    HardwareDeviceVendor = 309,
    HardwareDeviceDeviceId = 310,
    EpDeviceEpName = 312,
    EpDeviceEpMetadata = 314,
    EpDeviceDevice = 316,

    // Version 24: only where OrtApi.Supports(24).
    TensorTypeAndShapeHasShape = 390,
}
