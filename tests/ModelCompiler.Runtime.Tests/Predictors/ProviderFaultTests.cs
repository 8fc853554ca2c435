using ModelCompiler.Runtime.Native;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Runtime.Tests.Native;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>A provider that failed for good is not asked again; a run that failed by itself spoils nothing. Failures are injected beneath the runtime.</summary>
public sealed unsafe class ProviderFaultTests : IDisposable
{
    private static readonly PredictorDescription Description = TestPredictor.Describe(
        TestModels.MatMul(1), [new TensorSpec("x", TensorElementType.Float32, [1, 4])], [new TensorSpec("y", TensorElementType.Float32, [1, 3])]);

    private readonly CountingApi _api = new(FaultInjectionTests.RealTable(OrtLibrary.Load(null).Path), failAt: 0);
    private readonly List<OrtLogMessage> _log = [];
    private readonly NativeEnvironment _environment;
    private readonly TestPredictor _predictor;

    public ProviderFaultTests()
    {
        _environment = new NativeEnvironment(OrtLibrary.Load(null), _api.Api);
        _predictor = new TestPredictor(Description, new PredictorOptions { Environment = _environment, Log = _log.Add });
    }

    public void Dispose()
    {
        _predictor.Dispose();
        _environment.CpuMemory.Dispose();
        _environment.Handle.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Empty(_api.Alive);
        _api.Dispose();
    }

    [Theory]
    [InlineData(OrtErrorCode.ExecutionProviderFail)]
    [InlineData(OrtErrorCode.EngineError)]
    public void After_a_fault_it_refuses_and_says_why(OrtErrorCode code)
    {
        using var request = new Request(_predictor);
        _api.FailNext(OrtFunction.Run, code, "the device fell off the bus");

        var first = Assert.Throws<ProviderFaultException>(() => _predictor.Predict([1, 0, 0, 0]));
        var second = Assert.Throws<ProviderFaultException>(() => _predictor.Predict([1, 0, 0, 0]));
        var third = Assert.Throws<ProviderFaultException>(() => request.Run());

        Assert.Equal(("OM5022", ExecutionProvider.Cpu), (first.Code, first.Fault.Provider));
        Assert.StartsWith("The execution provider Cpu failed for good: ONNX Runtime reports: the device fell off the bus.", first.Message, StringComparison.Ordinal);
        Assert.Equal(code, Assert.IsType<OnnxRuntimeException>(first.InnerException).ErrorCode);
        Assert.All([second, third], later => Assert.Equal(first.Message, later.Message));
        Assert.Equal(first.Fault, _predictor.Fault);
        Assert.Equal([LogSeverity.Info, LogSeverity.Error], _log.Select(line => line.Severity));
        Assert.Equal(first.Message, _log[1].Text);
    }

    [Theory]
    [InlineData(OrtErrorCode.Fail)]
    [InlineData(OrtErrorCode.RuntimeException)]
    [InlineData(OrtErrorCode.InvalidArgument)]
    public void A_run_that_failed_by_itself_spoils_nothing(OrtErrorCode code)
    {
        _api.FailNext(OrtFunction.Run, code, "Failed to allocate memory for requested buffer of size 17");

        Assert.Equal(code, Assert.Throws<OnnxRuntimeException>(() => _predictor.Predict([1, 0, 0, 0])).ErrorCode);

        Assert.Null(_predictor.Fault);
        Assert.Equal([-1.5f, -0.5f, 0.5f], _predictor.Predict([1, 0, 0, 0]).Span);
    }

    [Theory]
    [InlineData(ExecutionProvider.Cuda, "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=h", true)]
    [InlineData(ExecutionProvider.TensorRt, "CUDA failure 719: unspecified launch failure ; GPU=0", true)]
    [InlineData(ExecutionProvider.Cuda, "CUDA failure 2: out of memory ; GPU=0 ; hostname=h", false)]
    [InlineData(ExecutionProvider.DirectMl, "Exception(1) tid(4c) 887A0005 The GPU device instance has been suspended.", true)]
    [InlineData(ExecutionProvider.WebGpu, "[Device] is lost.", true)]
    [InlineData(ExecutionProvider.OpenVino, "[GPU] clFinish, error code: -2 CL_DEVICE_NOT_AVAILABLE", true)]
    [InlineData(ExecutionProvider.Cpu, "CUDA failure 700: an illegal memory access was encountered", false)]
    public void The_words_of_a_provider_are_known(ExecutionProvider provider, string message, bool isFault)
    {
        var fault = new FaultDetection([provider, ExecutionProvider.Cpu], new DeviceReports()).Find(new OnnxRuntimeException(OrtErrorCode.Fail, message));

        Assert.Equal(isFault ? provider : null, fault?.Provider);
    }

    [Theory]
    [InlineData(LogSeverity.Error, "WebGPU device lost (1): A valid external Instance reference no longer exists.", true)]
    [InlineData(LogSeverity.Warning, "WebGPU device lost (1): later", false)]
    [InlineData(LogSeverity.Error, "Non-zero status code returned while running Gather node.", false)]
    public void A_device_that_is_lost_without_a_failing_run_is_heard_of(LogSeverity severity, string line, bool isLost)
    {
        var reports = new DeviceReports();
        reports.Read(severity, line);

        Assert.Equal(isLost ? new ProviderFault(ExecutionProvider.WebGpu, line) : null, new FaultDetection([ExecutionProvider.WebGpu], reports).FindReported());
        Assert.Null(new FaultDetection([ExecutionProvider.Cpu], reports).FindReported());
    }

    private sealed class Request(Predictor predictor) : PredictorRequest(predictor);
}
