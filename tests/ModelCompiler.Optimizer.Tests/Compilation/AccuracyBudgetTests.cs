using ModelCompiler.Optimizer.Compilation;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

public class AccuracyBudgetTests
{
    private static readonly AccuracyBudget Named = new(1, ForgivesTies: false), Default = new(1, ForgivesTies: true);

    [Theory]
    // A tenth of the rows chose otherwise: between ties, of which nothing is lost; for sure; and where noise is a tenth of everything.
    [InlineData(0.9, 0.001, 30, true)]
    [InlineData(0.9, 0.02, 30, false)]
    [InlineData(0.9, 0.001, 10, false)]
    // As good as all chose the same: noise says no more.
    [InlineData(0.995, 0.004, 10, true)]
    public void Without_a_number_ties_cost_what_they_seem_to_and_no_less_than_the_noise(double top1, double regret, double sqnr, bool holds)
    {
        Evaluation evaluation = Of(new OutputAgreement("y", 1, sqnr, 0, top1) { Regret = regret });
        Assert.Equal(holds, Default.Holds(evaluation));
        Assert.Equal(top1 >= 0.99, Named.Holds(evaluation));
    }

    [Theory]
    [InlineData(21, true)]
    [InlineData(19, false)]
    public void Outputs_without_a_choice_may_have_a_hundredth_of_noise(double sqnr, bool holds)
    {
        Assert.Equal(holds, Default.Holds(Of(new OutputAgreement("y", 1, sqnr, 0, null))));
        Assert.Equal(holds, Named.Holds(Of(new OutputAgreement("y", 1, sqnr, 0, null))));
        // Beside scores, a number says nothing of its own: the class, for one.
        Assert.True(Default.Holds(Of(new OutputAgreement("class", 1, sqnr, 0, null), new OutputAgreement("scores", 1, 40, 0, 1) { Regret = 0 })));
    }

    /// <summary>Columns of a regression, one of which is the largest in every row: that it still is tells nothing of the others.</summary>
    [Fact]
    public void What_always_has_the_same_answer_is_no_choice()
    {
        var columns = new OutputAgreement("y", 0.9, 1, 0, 1) { Regret = 0 };
        Assert.True(Default.Holds(Of(columns)) && Named.Holds(Of(columns)));
        Assert.Null(Of(columns).Estranged);
        Assert.False(Default.Holds(Of(columns with { IsOneAnswer = true })) || Named.Holds(Of(columns with { IsOneAnswer = true })));
        Assert.Equal("y", Of(columns with { IsOneAnswer = true }).Estranged?.Name);
    }

    [Fact]
    public void Labels_count_before_all_else()
    {
        var lossy = new Agreement(8, [new OutputAgreement("y", 0, -10, 0, 0.5) { Regret = 0.5 }]);
        Assert.True(Default.Holds(new Evaluation(lossy, (97, 96.5))));
        Assert.False(Default.Holds(new Evaluation(lossy, (97, 95.5))));
    }

    private static Evaluation Of(params OutputAgreement[] outputs) => new(new Agreement(8, outputs), null);
}
