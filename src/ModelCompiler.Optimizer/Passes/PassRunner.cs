using System.Diagnostics;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Runs passes in rounds until a round changes nothing. A pass that has seen the graph as it is now is not run again.</summary>
internal sealed class PassRunner(PassContext context, IPass[] passes)
{
    /// <summary>Passes that have not come to rest by then undo each other.</summary>
    public const int MaxRounds = 16;

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
                Apply(passes[i]);
                seen[i] = context.ChangeCount;
            }
            if (context.ChangeCount == before || context.IsExhausted) return;
        }
        context.Refused(context.LastChange!.Where, $"the passes did not come to rest in {MaxRounds} rounds");
    }

    private void Apply(IPass pass)
    {
        long start = Stopwatch.GetTimestamp();
        int before = context.ChangeCount;
        context.Begin(pass);
        try
        {
            pass.Apply(context);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The graph's own checks: the pass asked for an edit that would have broken it.
            throw new CompilerException(DiagnosticTable.PassBrokeGraph.Id, DiagnosticTable.PassBrokeGraph.Text(pass.Name, context.LastChange?.Where ?? "-", e.Message), inner: e);
        }
        if (context.ChangeCount > before) context.Model.InferTypes();
        context.End(pass, Stopwatch.GetElapsedTime(start), context.ChangeCount - before);
    }
}
