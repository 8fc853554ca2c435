using System.Diagnostics;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>
/// Runs stages of passes, one after the other and again from the first, until nothing changes. A pass that has seen the graph as it is now is
/// not run again.
/// </summary>
public sealed class PassPipeline
{
    /// <summary>Passes that have not come to rest by then undo each other.</summary>
    public const int MaxRounds = 16;

    private readonly IPass[] _passes;

    /// <summary>A pipeline of stages.</summary>
    public PassPipeline(params IReadOnlyList<PassStage> stages)
    {
        Stages = stages;
        _passes = [.. stages.SelectMany(stage => stage.Passes)];
    }

    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<PassStage> Stages { get; }

    /// <summary>Runs the passes on the model of <paramref name="context"/> to a fixpoint.</summary>
    /// <exception cref="Onnx.CompilerException">A pass broke the graph (OM9002).</exception>
    public void Run(PassContext context, CancellationToken cancellationToken = default)
    {
        PassGuard.Infer(context);
        int[] seen = new int[_passes.Length];
        Array.Fill(seen, -1);
        for (int round = 0; round < MaxRounds; round++)
        {
            int before = context.ChangeCount;
            for (int i = 0; i < _passes.Length; i++)
            {
                if (seen[i] == context.ChangeCount) continue;
                cancellationToken.ThrowIfCancellationRequested();
                Run(_passes[i], context);
                seen[i] = context.ChangeCount;
                if (context.IsExhausted) return;
            }
            if (context.ChangeCount == before) return;
        }
        context.Refused(context.CurrentPass, $"the passes did not come to rest in {MaxRounds} rounds");
    }

    private static void Run(IPass pass, PassContext context)
    {
        long start = Stopwatch.GetTimestamp();
        int before = context.ChangeCount;
        context.Begin(pass);
        PassGuard.Apply(pass, context);
        context.End(pass, Stopwatch.GetElapsedTime(start), context.ChangeCount - before);
    }
}
