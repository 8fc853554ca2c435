using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

public class ArenaWatchTests
{
    private const long Limit = 1 << 20;
    private const int Rows = 1 << 18;

    [Fact]
    public void What_ever_new_sizes_leave_behind_goes_back_to_the_system()
    {
        long bounded = SizeAfterRuns(Limit), unbounded = SizeAfterRuns(long.MaxValue / 2);

        // Each of the three tensors between the nodes takes a megabyte and more.
        Assert.True(bounded <= 2 * Limit && unbounded > 2 * Limit, $"{bounded} and {unbounded} bytes");
    }

    [Fact]
    public void Answers_are_the_same_whatever_is_kept()
    {
        using var session = InferenceSession.Open(Chain(), new SessionOptions { ArenaLimit = 0 });
        using var run = new PreparedRun(session);

        for (int i = 1; i <= 100; i++)
        {
            run.ResizeInput<float>(0, [i * 100, 2]).Fill(i);
            run.Run();
            Assert.All(run.Output<float>(0).ToArray(), y => Assert.Equal(-i, y));
        }
    }

    [Fact]
    public void A_session_of_fixed_sizes_needs_no_watch_and_a_disposed_one_ends_it()
    {
        var session = InferenceSession.Open(Chain(), new SessionOptions { ArenaLimit = 0 });
        var run = new PreparedRun(session);
        run.ResizeInput<float>(0, [1, 2]);
        run.Run();
        session.Dispose();

        Assert.Throws<ObjectDisposedException>(() => run.Run());
        run.Dispose();
    }

    /// <summary>The bytes of the arena after large inputs, and then small ones.</summary>
    private static long SizeAfterRuns(long limit)
    {
        using var session = InferenceSession.Open(Chain(), new SessionOptions { ArenaLimit = limit });
        using var run = new PreparedRun(session);
        long before = session.ArenaSize!.Value;
        for (int i = 0; i < 64; i++)
        {
            run.ResizeInput<float>(0, [i < 32 ? Rows + (i * 1000) : 1 + i, 2]);
            run.Run();
        }

        return session.ArenaSize!.Value - before;
    }

    private static byte[] Chain() => new OnnxModel()
        .Input("x", TensorElementType.Float32, "n", 2).Output("y", TensorElementType.Float32, "n", 2)
        .Node("Abs", ["x"], ["a"]).Node("Neg", ["a"], ["b"]).Node("Floor", ["b"], ["y"])
        .Build();
}
