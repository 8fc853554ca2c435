using System.Runtime.InteropServices;
using ModelCompiler.Runtime.Native;
using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Native;

/// <summary>Whichever call into the library fails: a typed exception, and everything that was made is released exactly once.</summary>
public unsafe class FaultInjectionTests
{
    [Fact]
    public void Whichever_call_fails_running_tensors() => FailEachCall(RunTensors);

    [Fact]
    public void Whichever_call_fails_running_strings() => FailEachCall(RunStrings);

    [Fact]
    public void Whichever_call_fails_running_sequences() => FailEachCall(RunSequence);

    [Fact]
    public void Whichever_call_fails_in_a_prepared_run() => FailEachCall(RunPrepared);

    private static void FailEachCall(Action<NativeEnvironment> scenario)
    {
        var library = OrtLibrary.Load(null);
        int failAt = 0;
        int calls = 0;
        do
        {
            using var counting = new CountingApi(RealTable(library.Path), failAt);
            bool failed = Fails(() => RunScenario(scenario, library, counting.Api));
            // What an exception leaves to the finalizers.
            GC.Collect();
            GC.WaitForPendingFinalizers();

            Assert.Equal(failAt != 0, failed);
            Assert.Empty(counting.Alive);
            calls = failAt == 0 ? counting.Calls : calls;
        }
        while (++failAt <= calls);

        Assert.True(calls > 20, $"{calls} calls");
    }

    private static bool Fails(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (OnnxRuntimeException e)
        {
            Assert.Equal("ONNX Runtime reports: injected", e.Message);
            return true;
        }
    }

    private static void RunScenario(Action<NativeEnvironment> scenario, OrtLibrary library, OrtApi api)
    {
        var environment = new NativeEnvironment(library, api);
        try
        {
            scenario(environment);
        }
        finally
        {
            environment.CpuMemory.Dispose();
            environment.Handle.Dispose();
        }
    }

    private static void RunTensors(NativeEnvironment environment)
    {
        using var session = InferenceSession.Open(environment, TestModels.MatMul("batch"), new SessionOptions());
        using var source = new CancellationTokenSource();
        session.Run([("x", TensorBuffer.Create([2, 4], new float[8]))], null, source.Token);
    }

    private static void RunStrings(NativeEnvironment environment)
    {
        using var session = InferenceSession.Open(environment, TestModels.Identity(TensorElementType.String, "n"), new SessionOptions());
        session.Run([("x", TensorBuffer.Create([2], ["a", "b"]))]);
    }

    private static void RunSequence(NativeEnvironment environment)
    {
        var type = OnnxModel.SequenceType(OnnxModel.TensorType(TensorElementType.Float32, ["n"]));
        byte[] model = new OnnxModel().Input("x", type).Output("y", type).Node("Identity", ["x"], ["y"]).Build();
        using var session = InferenceSession.Open(environment, model, new SessionOptions());
        session.RunValues([("x", new ModelValue.Sequence([TensorBuffer.Create([1], [1f]), TensorBuffer.Create([2], [2f, 3f])]))]);
    }

    private static void RunPrepared(NativeEnvironment environment)
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, "n")
            .Input("z", TensorElementType.Float32, 2)
            .Input("s", TensorElementType.String, 1)
            .Output("x2", TensorElementType.Float32, "n")
            .Output("z2", TensorElementType.Float32, 2)
            .Output("s2", TensorElementType.String, 1)
            .Node("Neg", ["x"], ["x2"])
            .Node("Neg", ["z"], ["z2"])
            .Node("Identity", ["s"], ["s2"])
            .Build();
        using var session = InferenceSession.Open(environment, model, new SessionOptions());
        using var run = new PreparedRun(session);
        foreach (int size in new[] { 3, 5 })
        {
            run.ResizeInput<float>(0, [size]).Fill(1);
            run.SetInput(2, ["text"], [1]);
            run.Run();
            Assert.Equal(["text"], run.OutputStrings(2));
        }
    }

    internal static nint* RealTable(string path)
    {
        var getApiBase = (delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(NativeLibrary.Load(path), "OrtGetApiBase");
        return getApiBase()->GetApi(OrtApi.MinimumVersion);
    }
}
