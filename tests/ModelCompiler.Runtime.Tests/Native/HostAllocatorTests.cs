using ModelCompiler.Runtime.Native;
using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Native;

/// <summary>Inputs and outputs in memory of a session's own allocator: the CPU's stands for those of devices that this machine has not.</summary>
public class HostAllocatorTests
{
    [Fact]
    public void A_run_in_such_memory_answers_the_same_and_may_outlive_its_session()
    {
        var session = InferenceSession.Open(TestModels.MatMul("batch"));
        using var allocator = Allocator(session, "Cpu");
        using var run = new PreparedRun(session, null, allocator);
        using var plain = new PreparedRun(session);
        foreach (int batch in (int[])[1, 3, 2])
        {
            foreach (var one in (PreparedRun[])[run, plain])
            {
                one.ResizeInput<float>(0, [batch, 4]).Fill(batch);
                one.Run(TestContext.Current.CancellationToken);
            }

            Assert.Equal(plain.Output<float>(0).ToArray(), run.Output<float>(0).ToArray());
        }

        session.Dispose();
        allocator.Dispose();
        Assert.Equal(8, run.Input<float>(0).Length);
        Assert.Throws<ObjectDisposedException>(() => run.Run(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Memory_that_the_session_has_not_is_an_error()
    {
        using var session = InferenceSession.Open(TestModels.Add());

        Assert.Throws<OnnxRuntimeException>(() => Allocator(session, "CudaPinned").Dispose());
        Assert.Throws<OnnxRuntimeException>(() => Allocator(session, "no memory").Dispose());
    }

    [Fact]
    public void On_the_cpu_memory_is_plain()
    {
        using var session = InferenceSession.Open(TestModels.Add());

        Assert.Null(session.PinnedMemory);
    }

    private static HostAllocator Allocator(InferenceSession session, string name)
    {
        using var lease = session.Lease();
        return new HostAllocator(session.Environment.Api, session.Handle, name, 0);
    }
}
