using System.Diagnostics;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Runs passes in rounds until a round changes nothing. A pass that has seen the graph as it is now is not run again.</summary>
internal sealed class PassRunner(PassContext context, IPass[] passes)
{
    /// <summary>Passes that have not come to rest by then undo each other.</summary>
    public const int MaxRounds = 16;

    // What is wrong with the model as it was given is not the fault of a pass.
    private readonly IReadOnlyList<Violation> _given = GraphVerifier.Verify(context.Model);

    public void Run(CancellationToken cancellationToken)
    {
        context.Model.InferTypes();
        // The number of changes that each pass has seen.
        int[] seen = new int[passes.Length];
        Array.Fill(seen, -1);
        for (int round = 0; round < MaxRounds; round++)
        {
            int before = context.ChangeCount;
            for (int i = 0; i < passes.Length && !context.IsExhausted; i++)
            {
                if (seen[i] == context.ChangeCount) continue;
                cancellationToken.ThrowIfCancellationRequested();
                Time(passes[i]);
                seen[i] = context.ChangeCount;
            }
            if (context.ChangeCount == before || context.IsExhausted) return;
        }
        context.Refused(context.LastChange!.Where, $"the passes did not come to rest in {MaxRounds} rounds");
    }

    private void Time(IPass pass)
    {
        long start = Stopwatch.GetTimestamp();
        int before = context.ChangeCount;
        context.Begin(pass);
        Apply(pass);
        if (context.ChangeCount > before)
        {
            context.Model.InferTypes();
            Verify(pass);
        }
        context.End(pass, Stopwatch.GetElapsedTime(start), context.ChangeCount - before);
    }

    private void Apply(IPass pass)
    {
        try
        {
            pass.Apply(context);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The graph's own checks: the pass asked for an edit that would have broken it.
            throw Broken(pass, context.LastChange?.Where ?? "-", e.Message, e);
        }
    }

    private void Verify(IPass pass)
    {
        IReadOnlyList<Violation> violations = GraphVerifier.Verify(context.Model);
        if (violations.Count <= _given.Count) return;
        Violation first = violations.Except(_given).First();
        throw Broken(pass, first.Where, $"{first.Rule}: {first.Text}");
    }

    private static CompilerException Broken(IPass pass, string where, string rule, Exception? inner = null) =>
        new(DiagnosticTable.PassBrokeGraph.Id, DiagnosticTable.PassBrokeGraph.Text(pass.Name, where, rule), inner: inner);
}
